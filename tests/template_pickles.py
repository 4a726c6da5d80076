"""A folder with Marvin and Linzen's 22 files, with one or two examples in each."""

import pickle

_NUMBERS = {"sing": "singular", "plur": "plural", "past": "", "future": ""}


def _example(line):
    """Return set, subcategory, grammatical and ungrammatical sentence, noun and its number."""
    name, subcategory, text, noun = line.split("|")
    both = [word.split("/") for word in text.split()]
    sentences = (" ".join(word[i % len(word)] for word in both) for i in range(2))
    return (name, subcategory, *sentences, noun, _NUMBERS[subcategory.split("_")[0]])


EXAMPLES = [
    _example(line)
    for line in """\
simple_agrmt|sing_MS_MV|the author laughs/laugh|author
simple_agrmt|plur_MS_MV|the authors are/is young|author
sent_comp|sing_MS_MV_plur_BS|the mechanics said the author is/are young|author
vp_coord|plur_MS_MV_MV|the authors laugh and are/is short|author
long_vp_coord|sing_MS_LMV_LMV|the pilot is twenty years old and writes/write in a journal|pilot
prep_anim|plur_MS_MV_sing_ES|the authors next to the security guard laugh/laughs|author
prep_inanim|plur_IS_IV_sing_ES|the television shows by the parent interest/interests people|show
prep_inanim|sing_IS_IV_sing_ES|the show by the parent interests/interest people|show
subj_rel|sing_MS_EV_MV_plur_ES|the author that likes the security guards is/are young|author
obj_rel_across_anim|sing_MS_MV_plur_ES_EV|the pilot that the parents love is/are short|pilot
obj_rel_across_inanim|plur_IS_IV_sing_ES_EV|the movies that the guard likes are/is good|movie
obj_rel_no_comp_across_anim|plur_MS_MV_sing_ES_EV|the authors the guard likes laugh/laughs|author
obj_rel_no_comp_across_inanim|sing_IS_IV_plur_ES_EV|the show the chefs love is/are new|show
obj_rel_within_anim|sing_ES_EV_plur_MS_MV|the authors that the guard likes/like laugh|guard
obj_rel_within_inanim|sing_ES_EV_sing_IS_IV|the show that the parent loves/love is good|parent
obj_rel_no_comp_within_anim|plur_ES_EV_sing_MS_MV|the author the drivers like/likes laughs|driver
obj_rel_no_comp_within_inanim|plur_ES_EV_plur_IS_IV|the movies the chefs like/likes are good|chef
simple_reflexives|plur_MS_ANPHR|the authors hurt themselves/himself|author
reflexive_sent_comp|sing_MS_ANPHR_plur_BS|the cooks knew the pilot doubted herself/themselves|pilot
reflexives_across|plur_MS_ANPHR_sing_E|the pilots that the guard likes hurt themselves/herself|pilot
simple_npi_anim|past|no/the authors have ever been popular|author
simple_npi_inanim|future|few/some shows will ever get old|show
npi_across_anim|past|no/the authors that the/no security guards like have ever been popular|author
npi_across_inanim|future|few/the shows that the/few parents love will ever get old|show
""".splitlines()
]


def write(folder, protocol=0):
    """Write all files, those of polarity items with triples, and an empty manifest."""
    files = {}
    for name, subcategory, *sentences, _, _ in EXAMPLES:
        third = ["most authors have ever been popular"] if "npi" in name else []
        files.setdefault(name, {}).setdefault(subcategory, []).append((*sentences, *third))
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        write_pickle(folder / f"{name}.pickle", content, protocol)
    (folder / "manifest.json").write_text("{}")
    return folder


def write_pickle(path, content, protocol=0):
    """Write a pickle as Python 2 wrote theirs, without references to earlier texts."""
    with path.open("wb") as file:
        pickler = pickle.Pickler(file, protocol)
        pickler.fast = True
        pickler.dump(content)
