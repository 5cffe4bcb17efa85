"""The vocabulary behind the rules of `graph.facts`."""

from graph.words import word_set

NAME_STOPS = word_set(
    "a an the and or but so not no yes is are was it its it's that this these those there here what who whom how "
    "when where why which can could do does did would will should have has had nice pleased good great glad happy "
    "sorry sure please thanks thank hello hi hey by for from with of to in on at as now today also too really just "
    "only very actually spelled spelt written pronounced like my your his her our their i i'm you he she we they "
    "me him us them am be been being back later soon maybe tomorrow tonight again crazy old stupid up out if "
    "whatever anything something important hard difficult funny common unusual irrelevant none never always taxi "
    "ambulance cab after before around any because then tired hungry nightingale wrong right fine okay ok well "
    "going ready bored using talking calling looking trying asking thinking feeling working living based done "
    "still almost quite someone nobody"
)
"""What cannot be part of a name, so that a name ends there."""

PEOPLES = word_set(
    "british english scottish welsh irish american canadian australian german french italian spanish portuguese "
    "polish dutch belgian swiss austrian swedish norwegian danish finnish russian ukrainian greek turkish indian "
    "pakistani chinese japanese korean thai vietnamese mexican brazilian argentinian african european asian "
    "christian catholic protestant muslim jewish hindu buddhist sikh republican democrat monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september october november "
    "december tired hungry busy sick ill excited confused interested curious worried lost home late early"
)
"""What is written with a capital, or starts a line, and is no name."""

SMALL_WORDS = word_set("of the on in upon and at by near de la le van von der den a an am under for to")

RELATIVES = {
    "one": word_set(
        "wife husband partner girlfriend boyfriend fiance fiancé fiancee fiancée mother father mum mom mam dad "
        "mummy daddy boss manager landlord landlady doctor gp dentist teacher therapist carer nurse spouse"
    ),
    "many": word_set(
        "sister brother son daughter child kid baby aunt uncle cousin niece nephew grandmother grandfather grandma "
        "grandpa granny granddad grandson granddaughter grandchild stepmother stepfather stepson stepdaughter "
        "friend colleague neighbour neighbor roommate flatmate housemate dog cat puppy kitten hamster rabbit "
        "parrot bird fish goldfish horse pony tortoise turtle snake lizard pet children kids guinea-pig"
    ),
}

JOBS = word_set(
    "accountant actor actress analyst architect artist assistant astronomer athlete baker barber barista bartender "
    "biologist bookkeeper builder butcher caregiver carer carpenter cashier chef chemist cleaner clerk coach "
    "composer consultant contractor cook counsellor counselor dancer dentist designer developer director doctor "
    "driver economist editor electrician engineer entrepreneur farmer firefighter fisherman freelancer gardener "
    "geologist gp hairdresser historian housewife illustrator instructor interpreter janitor journalist judge "
    "lawyer lecturer librarian manager mathematician mechanic midwife miner musician neurologist novelist nurse "
    "officer optician painter paramedic pensioner pharmacist philosopher photographer physicist physiotherapist "
    "pianist pilot plumber poet policeman policewoman postman potter priest producer professor programmer "
    "psychiatrist psychologist receptionist reporter researcher sailor salesman saleswoman scientist sculptor "
    "secretary singer soldier solicitor statistician student surgeon surveyor tailor teacher technician therapist "
    "translator trainer tutor vet veterinarian waiter waitress welder writer worker"
)

CONDITIONS = {
    "be": "diabetic|coeliac|celiac|lactose[ -]intolerant|gluten[ "
    "-]intolerant|asthmatic|epileptic|deaf|blind|partially sighted|hard of hearing|dyslexic|autistic|"
    "colou?r[ -]?blind|left[ -]handed|right[ -]handed|paralysed|paralyzed|a wheelchair user|wheelchair user",
    "have": "(?:(?:type (?:one|two|1|2)|high|low|severe|mild|chronic|early) )?(?:diabetes|asthma|"
    "epilepsy|arthritis|migraines?|dementia|alzheimer's|parkinson's|ms|multiple sclerosis|adhd|autism|dyslexia|"
    "blood pressure|hypertension|coeliac disease|celiac disease|back pain|tinnitus|insomnia|depression|anxiety|"
    "cancer|cataracts|glaucoma|hearing loss|hearing aids?|heart condition|heart disease|pacemaker|hay ?fever|"
    "eczema|gout|cerebral palsy)",
}

DIETS = "vegetarian|vegan|pescatarian"

APPOSED_VERBS = word_set(
    "is was has had lives live lived works work worked likes like loves love hates hate studies plays played died "
    "turns turned moved goes went wants got gets just and who said says told came comes can will does did drives "
    "speaks needs bought made gave takes took started stopped finished passed lost won broke called visited visits"
)
"""After "my sister", these are no name; after her name, what she does."""

WITHOUT_NUMBER = word_set(
    "friend colleague neighbour neighbor roommate flatmate housemate cousin aunt uncle niece nephew grandson "
    "granddaughter grandchild child kid children kids bird fish goldfish"
)
"""Of whom one has several and calls each "my friend"."""

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
