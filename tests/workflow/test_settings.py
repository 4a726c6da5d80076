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
    # Table 1's two cells, and Table 4's.
    assert len(trainings) == 4
    for line in trainings:
        assert " --learning-rate 0.25 " in line
        assert " --precision bfloat16 " in line
        assert " --hidden 8 " in line
        # Not in the entry: the paper's.
        assert " --beta 1.0 " in line


def test_the_settings_of_language_models_and_of_synthetic_corpora_arrive(fresh):
    fresh.configure(lambda c: c["language_model"].update(patience=7))
    asked = ("--dry-run", "--configfile", "tiny.yaml", "--")
    folder = "results/fce/little/tiny/C0-3/seed1/sample"
    texts = ("C3/copy2", "real")
    run = fresh.snakemake(*asked, *(f"{folder}/{text}/lstm/config.json" for text in texts))
    synthetic, real = sorted(
        (line for line in run.stdout.splitlines() if "textvae language-model" in line),
        key=lambda line: "--corpus" in line,
    )
    for line in (synthetic, real):
        assert " --patience 7 " in line
        assert " --hidden 8 " in line
    assert " --name little/tiny/C3/seed1/sample/copy2 " in synthetic
    assert " --text results/synthetic/little/tiny/C3/seed1/sample/copy2/sentences.txt" in synthetic
    assert " --seed 2 " in synthetic
    # Real text is cut to the size of the synthetic corpora.
    assert " --corpus results/corpora/little " in real
    assert " --sentences 100 " in real


def test_synthetic_corpora_are_as_large_as_the_training_split_unless_told(fresh):
    fresh.configure()
    text = "results/synthetic/cbt/lstm/C15/seed1/top5/copy2/sentences.txt"
    for asked, size in (
        ((), "--corpus results/corpora/cbt"),
        (("--configfile", "tiny.yaml"), None),
    ):
        run = fresh.snakemake("--dry-run", *asked, "--", text)
        (line,) = [line for line in run.stdout.splitlines() if "textvae codes" in line]
        assert (size or "--sentences 100") in line


def test_a_caption_that_looks_like_a_flag_is_a_caption(fresh):
    fresh.configure(lambda c: c["experiments"]["table1"].update(caption="--html 'x' $(y)"))
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    (line,) = [line for line in run.stdout.splitlines() if "textvae render table1" in line]
    assert """--caption='--html '"'"'x'"'"' $(y)' """ in line


def test_the_number_of_replicates_arrives_at_every_measurement_that_has_some(fresh):
    asked = ("rate-distortion", "posterior", "reconstruction", "syntax", "fce", "sensitivity")
    fresh.configure(
        lambda c: c["evaluation"].update(
            {name: {"bootstrap": number} for number, name in enumerate(asked)}
        )
    )
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    for number, name in enumerate(asked):
        lines = [line for line in run.stdout.splitlines() if f"textvae measure {name} " in line]
        assert lines
        for line in lines:
            assert f" --bootstrap {number} " in line
