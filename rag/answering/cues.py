"""The words by which English says whose word something is, and the small words that stand around them.

Verbs by stem, as `rag.language.tokens` stems them. Which of them count was chosen on PolNeAR's development articles.
"""

from rag.language import Token

# What somebody said, wrote, showed or found.
SAYING = frozenset(
    """said say tell told state claim announc declar warn deni deny admit insist argu add note stress emphas emphasi
    confirm assert accus blame condemn censur critic criticis demand urg suggest explain describ wrote write repli
    respond react comment alleg report tweet promis vow pledg conclud reiter voic express hail prais reject predict
    estim acknowledg recal disclos reveal indic propos recommend mention cite blast echo retweet complain concede
    conced contend caution testifi pronounc proclaim quip lament boast brag applaud denounc decri repeat
    shout chant stipul found show quot underscor highlight call ask liken joke observ counter signal
    retort dismiss agre disagre refus declin decid imply impli dub label unveil discuss threaten warn outlin depict
    portray spoke speak talk respond rebuk advis assur swear swore""".split()
)
# What somebody holds, wants or fears: whose view it is, though nobody is quoted.
HOLDING = frozenset(
    """support oppos endors embrac favor favour resist want hope believ think know knew fear worri intend seek sought
    felt consid understand understood prefer wish wonder doubt suspect assum imagin view regard learn realiz realis
    rememb forget recogn recognis bet attack mock ridicul insult rail defend refer sing sang advoc slam rip tout sum
    scoff unleash offer challeng forbid forbad prohibit specul convinc persuad paint""".split()
)
# Said of what somebody has rather than does: nouns that take a possessor, "Trump's claim", "his promise".
HELD = frozenset(
    """claim promis belief statement warn argument assert desir alleg accus suggest hope fear concern opinion
    insist pledg vow complaint prais refus admiss denial attack endors assess explan announc
    response reaction""".split()
)
# Verbs that may stand before their subject: "…,” said Mr Wit".
INVERTING = frozenset(
    """said says added adds wrote writes explained replied noted asked insisted warned tweeted continued recalled
    argued concluded declared announced reported quipped joked admitted acknowledged predicted observed shouted
    agreed responded stated claimed""".split()
)
IRREGULAR = frozenset(
    "said told wrote knew sought understood found sang spoke swore forgot forbade bet shown written felt".split()
)
PLURALS = frozenset("i you we they who people police men women children to".split())
AUXILIARIES = frozenset(
    """is are was were be been being has have had having do does did will would can could may might must should shall
    also then further again later not never ever still already even once first long often repeatedly only just
    really always recently now reportedly both all each to s t ll ve d re don doesn didn couldn wouldn hasn haven
    hadn isn aren wasn weren won""".split()
)
BE = frozenset("is are was were be been being".split())
# Of the auxiliaries, those that stand within noun phrases as well.
IN_PHRASES = frozenset("both all each s t first long even only just".split())
PRONOUNS = frozenset("he she it they who which i we you that this".split())
OBJECTS = frozenset("him her them me us whom".split())
POSSESSIVES = frozenset("his her their its my our your".split())
DETERMINERS = frozenset(
    """a an the his her its their our my your this that these those some many several most any no one another both all
    few two three four five other such""".split()
)
PREPOSITIONS = frozenset(
    """of in on at for from by with about against between among near over under after before during since through into
    to as than like per within without around across including despite amid until upon toward towards""".split()
)
CONJUNCTIONS = frozenset(
    """and but or that when while because if although though whether where as so than what how why before after since
    until once whom whose""".split()
)
# What ends the part of a noun phrase that names, and begins the part that describes.
DESCRIBING = frozenset(
    "of who which that in at on for from with to by and among near whose as or about against between over".split()
)
# What singles one out of many.
SUPERLATIVES = frozenset(
    """most best worst biggest largest greatest smallest highest lowest longest shortest oldest youngest earliest
    deadliest bloodiest strongest heaviest richest poorest fastest slowest hottest coldest tallest deepest
    widest""".split()
)
# What befalls people, by stem: the wounded are not the dead.
DEAD = frozenset("kill dead die death slain fatal execut massacr murder perish".split())
HURT = frozenset("wound injur hurt maim injuri casualti".split())
# The two to be told apart, with words that stand for them as they are ("20 lives", "hospitalised").
HARMS = (DEAD | {"lives", "assassin", "slaughter"}, HURT | {"hospit", "harm"})


def befalls(word: Token, harm: frozenset[str]) -> bool:
    """Whether a word tells of one of `HARMS`."""
    return word.stem in harm or word.text.lower() in harm
