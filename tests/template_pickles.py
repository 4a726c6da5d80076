"""A folder like Marvin and Linzen's: their 22 files, one real example in each, some two."""

import pickle
from pathlib import Path

# File, subcategory, grammatical and ungrammatical sentence, the noun that the word which differs
# agrees with, and its number.
EXAMPLES = [
    tuple(part.strip() for part in line.split("|"))
    for line in """\
simple_agrmt | sing_MS_MV | the author laughs | the author laugh | author | singular
simple_agrmt | plur_MS_MV | the authors are young | the authors is young | author | plural
sent_comp | sing_MS_MV_plur_BS | the mechanics said the author is young \
    | the mechanics said the author are young | author | singular
vp_coord | plur_MS_MV_MV | the authors laugh and are short \
    | the authors laugh and is short | author | plural
long_vp_coord | sing_MS_LMV_LMV | the pilot is twenty three years old and writes in a journal \
    | the pilot is twenty three years old and write in a journal | pilot | singular
prep_anim | plur_MS_MV_sing_ES | the authors next to the security guard laugh \
    | the authors next to the security guard laughs | author | plural
prep_inanim | plur_IS_IV_sing_ES | the television shows by the parent interest people \
    | the television shows by the parent interests people | show | plural
prep_inanim | sing_IS_IV_sing_ES | the show by the parent interests people \
    | the show by the parent interest people | show | singular
subj_rel | sing_MS_EV_MV_plur_ES | the author that likes the security guards is young \
    | the author that likes the security guards are young | author | singular
obj_rel_across_anim | sing_MS_MV_plur_ES_EV | the consultant that the parents love is short \
    | the consultant that the parents love are short | consultant | singular
obj_rel_across_inanim | plur_IS_IV_sing_ES_EV | the movies that the security guard likes are good \
    | the movies that the security guard likes is good | movie | plural
obj_rel_no_comp_across_anim | plur_MS_MV_sing_ES_EV | the authors the security guard likes laugh \
    | the authors the security guard likes laughs | author | plural
obj_rel_no_comp_across_inanim | sing_IS_IV_plur_ES_EV | the television show the chefs love is new \
    | the television show the chefs love are new | show | singular
obj_rel_within_anim | sing_ES_EV_plur_MS_MV | the authors that the security guard likes laugh \
    | the authors that the security guard like laugh | guard | singular
obj_rel_within_inanim | sing_ES_EV_sing_IS_IV | the television show that the parent loves is good \
    | the television show that the parent love is good | parent | singular
obj_rel_no_comp_within_anim | plur_ES_EV_sing_MS_MV | the author the taxi drivers like laughs \
    | the author the taxi drivers likes laughs | driver | plural
obj_rel_no_comp_within_inanim | plur_ES_EV_plur_IS_IV | the movies the chefs like are good \
    | the movies the chefs likes are good | chef | plural
simple_reflexives | plur_MS_ANPHR | the authors hurt themselves \
    | the authors hurt himself | author | plural
reflexive_sent_comp | sing_MS_ANPHR_plur_BS | the bankers knew the consultant doubted herself \
    | the bankers knew the consultant doubted themselves | consultant | singular
reflexives_across | plur_MS_ANPHR_sing_ES_EV | the authors that the guard likes hurt themselves \
    | the authors that the guard likes hurt himself | author | plural
simple_npi_anim | past | no authors have ever been popular \
    | the authors have ever been popular | author |
simple_npi_inanim | future | few shows will ever get old | some shows will ever get old | show |
npi_across_anim | past | no authors that the security guards like have ever been popular \
    | the authors that no security guards like have ever been popular | author |
npi_across_inanim | future | few shows that the parents love will ever get old \
    | the shows that few parents love will ever get old | show |
""".replace("\\\n", "").splitlines()
]


def contents() -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """What each file unpickles to; those of polarity items hold triples."""
    files: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for name, subcategory, *sentences, _, _ in EXAMPLES:
        third = ["most authors have ever been popular"] if "npi" in name else []
        files.setdefault(name, {}).setdefault(subcategory, []).append((*sentences, *third))
    return files


def write(folder: Path, protocol: int = 0) -> Path:
    """All files, and the manifest that a fetched folder has."""
    folder.mkdir(exist_ok=True)
    for name, content in contents().items():
        write_pickle(folder / f"{name}.pickle", content, protocol)
    (folder / "manifest.json").write_text("{}")
    return folder


def write_pickle(path: Path, content: object, protocol: int = 0) -> None:
    """As Python 2 wrote theirs: equal texts are written again, not referred to."""
    with path.open("wb") as file:
        pickler = pickle.Pickler(file, protocol)
        pickler.fast = True
        pickler.dump(content)
