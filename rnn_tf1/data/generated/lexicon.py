"""The English and French words of the grammar of `bilingual`, with what French needs to know of each."""

from typing import Dict, List, NamedTuple, Tuple

# English, French, gender; plurals where they do not end in s alone
_PEOPLE = """
man/men homme m, woman/women femme f, boy garçon m, girl fille f, child/children enfant m, teacher professeur m,
doctor médecin m, farmer fermier m, baker boulanger m, king roi m, queen reine f, nurse infirmière f, student étudiant m,
neighbour voisin m, friend ami m, singer chanteuse f, sister sœur f, brother frère m, mother mère f, father père m,
uncle oncle m, aunt tante f, actress/actresses actrice f, hero/heroes héros/héros m, lawyer avocat m,
princess/princesses princesse f, worker ouvrier m, grandmother grand-mère/grands-mères f
"""
_ANIMALS = """
dog chien m, cat chat m, horse cheval/chevaux m, bird oiseau/oiseaux m, cow vache f, mouse/mice souris/souris f,
rabbit lapin m, goat chèvre f, owl hibou/hiboux m, bee abeille f, donkey âne m, duck canard m, fox/foxes renard m,
wolf/wolves loup m, frog grenouille f, spider araignée f, lion lion m, ant fourmi f, squirrel écureuil m,
swallow hirondelle f
"""
_THINGS = """
book livre m, letter lettre f, apple pomme f, orange orange f, car voiture f, tree arbre m, flower fleur f,
newspaper journal/journaux m, hat chapeau/chapeaux m, table table f, chair chaise f, bicycle vélo m, cake gâteau/gâteaux m,
key clé f, picture image f, umbrella parapluie m, egg œuf m, bottle bouteille f, box/boxes boîte f, clock horloge f,
coat manteau/manteaux m, cup tasse f, knife/knives couteau/couteaux m, lamp lampe f, shoe chaussure f,
story/stories histoire f, sword épée f, star étoile f, ladder échelle f, tool outil m, guitar guitare f, map carte f,
plate assiette f
"""
_PLACES = """
garden jardin m, forest forêt f, church/churches église f, school école f, hospital hôpital/hôpitaux m, street rue f,
castle château/châteaux m, kitchen cuisine f, village village m, hotel hôtel m, field champ m, station gare f,
market marché m, farm ferme f, house maison f, river rivière f, museum musée m, library/libraries bibliothèque f,
park parc m, theatre théâtre m, restaurant restaurant m, shop magasin m, cave grotte f, city/cities ville f
"""

# English, French: masculine, masculine before a vowel, feminine, masculine plural, feminine plural; the last ones where they
# are irregular. These stand before their noun,
_BEFORE = """
small petit, big gros gros grosse, beautiful beau bel belle beaux belles, old vieux vieil vieille vieux vieilles, good bon bon
bonne, bad mauvais, pretty joli
"""
_YOUNG = """
tall grand, young jeune
"""
_NEW = """
new nouveau nouvel nouvelle nouveaux nouvelles
"""
# and these behind it.
_COLOURS = """
red rouge, green vert, blue bleu, black noir, white blanc blanc blanche, yellow jaune, grey gris, brown brun
"""
_CHARACTERS = """
happy heureux heureux heureuse, sad triste, tired fatigué, intelligent intelligent, strange étrange, rich riche, funny drôle,
dangerous dangereux dangereux dangereuse, quiet tranquille, brave courageux courageux courageuse, famous célèbre,
kind gentil gentil gentille, honest honnête, lazy paresseux paresseux paresseuse, curious curieux curieux curieuse,
blind aveugle, sick malade
"""
_QUALITIES = """
heavy lourd, expensive cher cher chère, soft doux doux douce, round rond, empty vide, wet mouillé, useful utile, ugly laid
"""

# English for I and for he, French infinitive, and where it is irregular for je, il, nous, ils; "_" is a blank
_TRANSITIVE = """
see sees voir vois voit voyons voient, love loves aimer, hear hears entendre entends entend entendons entendent,
look_for looks_for chercher, find finds trouver, lose loses perdre perds perd perdons perdent, watch watches regarder,
listen_to listens_to écouter, wait_for waits_for attendre attends attend attendons attendent, help helps aider,
follow follows suivre suis suit suivons suivent, know knows connaître connais connaît connaissons connaissent,
forget forgets oublier, draw draws dessiner, hide hides cacher, admire admires admirer,
call calls appeler appelle appelle appelons appellent, avoid avoids éviter, hate hates détester, thank thanks remercier,
protect protects protéger protège protège protégeons protègent
"""
_HANDLING = """
buy buys acheter achète achète achetons achètent, read reads lire lis lit lisons lisent, carry carries porter,
take takes prendre prends prend prenons prennent, open opens ouvrir ouvre ouvre ouvrons ouvrent, close closes fermer,
clean cleans nettoyer nettoie nettoie nettoyons nettoient, paint paints peindre peins peint peignons peignent,
break breaks casser, repair repairs réparer, steal steals voler, use uses utiliser,
throw throws jeter jette jette jetons jettent, choose chooses choisir choisis choisit choisissons choisissent,
eat eats manger
"""
_GIVING = """
give gives donner, sell sells vendre vends vend vendons vendent, show shows montrer,
send sends envoyer envoie envoie envoyons envoient, lend lends prêter, bring brings apporter
"""
_INTRANSITIVE = """
sleep sleeps dormir dors dort dormons dorment, run runs courir cours court courons courent, sing sings chanter,
dance dances danser, laugh laughs rire ris rit rions rient, cry cries pleurer, work works travailler, swim swims nager,
walk walks marcher, arrive arrives arriver, play plays jouer, fall falls tomber,
smile smiles sourire souris sourit sourions sourient, jump jumps sauter, dream dreams rêver,
leave leaves partir pars part partons partent, speak speaks parler, travel travels voyager, breathe breathes respirer,
think thinks réfléchir réfléchis réfléchit réfléchissons réfléchissent, snore snores ronfler, hesitate hesitates hésiter
"""
_SAYING = """
say says dire dis dit disons disent, think thinks penser, know knows savoir sais sait savons savent
"""
_WISHING = """
can can pouvoir peux peut pouvons peuvent, must must devoir dois doit devons doivent,
want_to wants_to vouloir veux veut voulons veulent, hope_to hopes_to espérer espère espère espérons espèrent
"""

ASPIRATED = ("héros", "hibou", "hiboux")  # no vowel is dropped before them

PRONOUNS = {  # French, gender, which of a verb's four forms
    "i": ("je", "m", 0),
    "he": ("il", "m", 1),
    "she": ("elle", "f", 1),
    "we": ("nous", "m", 2),
    "they": ("ils", "m", 3),
    "someone": ("quelqu'un", "m", 1),
}
NAMES = {"paul": "m", "marie": "f", "anne": "f", "louis": "m", "alice": "f", "henri": "m", "jean": "m", "sophie": "f"}
OBJECTS = {"me": "me", "him": "le", "her": "la", "us": "nous", "them": "les"}
SINGULAR = {  # masculine, feminine
    "the": ("le", "la"),
    "a": ("un", "une"),
    "an": ("un", "une"),
    "this": ("ce", "cette"),
    "my": ("mon", "ma"),
    "his": ("son", "sa"),
    "our": ("notre", "notre"),
    "their": ("leur", "leur"),
    "every": ("chaque", "chaque"),
}
PLURAL = {
    "the": "les",
    "some": "des",
    "any": "des",
    "these": "ces",
    "my": "mes",
    "his": "ses",
    "our": "nos",
    "their": "leurs",
    "two": "deux",
    "three": "trois",
    "four": "quatre",
    "many": "beaucoup de",
    "several": "plusieurs",
}
OFTEN = {"often": "souvent", "sometimes": "parfois", "always": "toujours", "rarely": "rarement"}
WHERE = {
    "in": "dans",
    "near": "près de",
    "behind": "derrière",
    "in front of": "devant",
    "far from": "loin de",
    "with": "avec",
}
WHEN = {"today": "aujourd'hui", "tonight": "ce soir", "now": "maintenant", "here": "ici", "every day": "tous les jours"}
JOINING = {"and": "et", "but": "mais", "because": "parce que", "when": "quand", "while": "pendant que", "if": "si"}


class Noun(NamedTuple):
    """French."""

    one: str
    many: str
    gender: str


class Verb(NamedTuple):
    """French."""

    infinitive: str
    forms: Tuple[str, ...]  # for je, il, nous, ils


def _entries(text: str) -> List[List[str]]:
    return [entry.split() for entry in text.split(",")]


def _plural(word: str) -> Tuple[str, str]:
    one, _, many = word.partition("/")
    return one, many or one + "s"


def _nouns(text: str) -> Dict[str, Tuple[Noun, bool]]:
    """{English: (noun, whether this is its plural)}."""
    found = {}
    for english, french, gender in _entries(text):
        noun = Noun(*_plural(french), gender)
        for form, plural in zip(_plural(english), (False, True)):
            found[form] = noun, plural
    return found


def _adjectives(*texts: str) -> Dict[str, Tuple[str, ...]]:
    """{English: masculine, masculine before a vowel, feminine, masculine plural, feminine plural}."""
    found = {}
    for english, masculine, *forms in (entry for text in texts for entry in _entries(text)):
        feminine = forms[1] if len(forms) > 1 else masculine if masculine.endswith("e") else masculine + "e"
        plural = masculine if masculine[-1] in "sx" else masculine + "s"
        regular = [masculine, feminine, plural, feminine + "s"]
        found[english] = (masculine, *forms, *regular[len(forms) :])
    return found


def _verbs(text: str) -> Dict[str, Tuple[Verb, Tuple[bool, ...]]]:
    """{English: (verb, whether this is the form for he; both where there is only one)}."""
    found: Dict[str, Tuple[Verb, Tuple[bool, ...]]] = {}
    for base, third, infinitive, *forms in _entries(text):
        stem = infinitive[:-2]
        soft = stem + "e" if stem.endswith("g") else stem  # nous mangeons
        verb = Verb(infinitive, tuple(forms or (stem + "e", stem + "e", soft + "ons", stem + "ent")))
        found[base.replace("_", " ")] = verb, (False,)
        found[third.replace("_", " ")] = verb, (True,) if third != base else (False, True)
    return found


_NOUNS = {"people": _PEOPLE, "animals": _ANIMALS, "things": _THINGS, "places": _PLACES}
_VERBS = {
    "transitive": _TRANSITIVE,
    "handling": _HANDLING,
    "giving": _GIVING,
    "intransitive": _INTRANSITIVE,
    "saying": _SAYING,
    "wishing": _WISHING,
}
ACTIONS = ("transitive", "handling", "giving", "intransitive")
NOUNS = {kind: _nouns(text) for kind, text in _NOUNS.items()}
VERBS = {kind: _verbs(text) for kind, text in _VERBS.items()}
BEFORE = _adjectives(_BEFORE, _YOUNG, _NEW)
BEHIND = _adjectives(_COLOURS, _CHARACTERS, _QUALITIES)

# What the English is written with: (one, many) of nouns, (for I, for he) of verbs, adjectives before nouns and behind them.
FORMS = {kind: [_plural(entry[0]) for entry in _entries(text)] for kind, text in _NOUNS.items()}
FORMS.update(
    {kind: [(e[0].replace("_", " "), e[1].replace("_", " ")) for e in _entries(text)] for kind, text in _VERBS.items()}
)
SUITING = {
    "people": (list(_adjectives(_BEFORE, _YOUNG)), list(_adjectives(_CHARACTERS))),
    "animals": (list(_adjectives(_BEFORE, _YOUNG)), list(_adjectives(_COLOURS, _CHARACTERS))),
    "things": (list(_adjectives(_BEFORE, _NEW)), list(_adjectives(_COLOURS, _QUALITIES))),
    "places": (list(_adjectives(_BEFORE, _NEW)), list(_adjectives(_COLOURS))),
}
