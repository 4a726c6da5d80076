"""What the configuration says arrives at the command, as it was said."""

import re


def test_minutes_between_checkpoints_may_be_a_fraction(fresh):
    fresh.configure(lambda c: c.update(checkpoint_minutes=0.5))
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    assert set(re.findall(r"--checkpoint-minutes (\S+)", run.stdout)) == {"0.5"}


def test_every_setting_of_a_model_arrives(fresh):
    fresh.configure(lambda c: c["models"]["tiny"].update(learning_rate=0.25, precision="bfloat16"))
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    trainings = [line for line in run.stdout.splitlines() if "--name tiny " in line]
    assert len(trainings) == 2
    for line in trainings:
        assert " --learning-rate 0.25 " in line
        assert " --precision bfloat16 " in line
        assert " --hidden 8 " in line
        # Not in the entry: the paper's.
        assert " --beta 1.0 " in line


def test_a_caption_that_looks_like_a_flag_is_a_caption(fresh):
    fresh.configure(lambda c: c["experiments"]["table1"].update(caption="--html 'x' $(y)"))
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    (line,) = [line for line in run.stdout.splitlines() if "textvae table1" in line]
    assert """--caption='--html '"'"'x'"'"' $(y)' """ in line
