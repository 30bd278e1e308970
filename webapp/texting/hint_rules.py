"""What requests to stop sound like in English: a list of rules, to be read and argued about.

The rules see lower-case words with single spaces between them, without apostrophes; "." ends
a sentence and "?" a question. Every repetition is bounded, so that no text can be slow.
"""

import re
from dataclasses import dataclass

END = r"(?= [.?]|$)"
START = r"(?:(?<=^)|(?<=[.?] ))"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and what just before or after it shows that something else is meant."""

    pattern: re.Pattern[str]
    unless_before: re.Pattern[str] | None = None
    unless_after: re.Pattern[str] | None = None
    not_in_fun: bool = False

    def find(self, plain: str) -> tuple[int, int] | None:
        """The first place where the rule holds."""
        if self.not_in_fun and _FUN.search(plain):
            return None
        for found in self.pattern.finditer(plain):
            if self.unless_before and self.unless_before.search(plain[: found.start()].rstrip()):
                continue
            if self.unless_after and self.unless_after.match(plain, found.end()):
                continue
            if found.end() > found.start():
                return found.span()
        return None


_FUN = re.compile(r"\b(?:l+o+l+|lmf?ao|rofl|(?:ha){2,}h?|(?:he){2,}|jk|babe|omg|mdr|jaja(?:ja)?)\b")


def rule(pattern: str, *, before: str = "", after: str = "", fun: bool = True) -> Rule:
    """A rule from the text of its patterns; `fun=False` when laughter takes it back."""
    return Rule(
        re.compile(pattern),
        re.compile(f"(?:{before})$") if before else None,
        re.compile(f" ?(?:{after})") if after else None,
        not_in_fun=not fun,
    )


PLEASE = r"(?:please|pls|plz|plse|pleas|kindly)"
_STOP = r"(?:s+t+o+p+|stp|sotp|stpo|stip|stap|stahp|dtop|xtop|wtop|stob|syop|srop|stoo|stopo|tsop)"
_STOP_OR_SO = (
    rf"(?:{_STOP}|sto|atop|stoop|sop|spot|top|quit|quite|quiet|qiut|cease|halt|desist from)"
)
_TEXTING = (
    r"(?:te?xt+in+g?|txtng|texing|texitng|messaging|mess?ageing|mesaging|msg(?:i?n)?g|contacting"
    r"|spam+ing|harr?ass?ing|bothering|bugging|pestering|annoying|soliciting|stalking|smsing|dming"
    r"|emailing|blowing up|hitting (?:me |us )?up|reaching out|writing (?:to )?(?:me|us|this|my)|hounding)"
)
_TEXTS = (
    r"(?:te?xts|txts?|text messages?|text msgs?|messages|msgs?|mess[ae]ges|sms|texting|messaging"
    r"|communications?|correspondence|solicitations?)"
)
_MINE = r"(?:number|name|info\w*|contacts?|phone|cell|data|details|digits|line|mobile)"
_MY_NUMBER = rf"(?:my|this|our|the|his|her) (?:\w+ ){{0,2}}{_MINE}"
_ADJECTIVES = (
    r"(?:(?:with|all|of|the|these|this|those|your|ur|you|any|more|further|future|political|campaign"
    r"|annoying|constant|stupid|damn|unwanted|unsolicited|spam|junk|incoming|random|bullshit|sending"
    r"|getting|receiving|me|us|f\w{0,8}) ){0,4}"
)
_OTHERS = r"(?:him|her|them|your (?:ex|mom|mother|dad|boss|girl|boy)|his|my (?:ex|boyfriend|girlfriend))\b"
_LATER = (
    r"(?:un?til|before|while|when|whilst|right now|now|today|tonight|tomorrow|yet|so (?:early|late)"
    r"|at (?:work|night|\d)|in class|after \d|after (?:work|dinner|school|noon)|during|if|unless"
    r"|about (?:it|that|the)|im (?:at|in|on)|ill|on (?:fb|facebook|insta\w*|whatsapp|messenger|here)"
    r"|back|names|and driv|n driv)\b"
)

_STOPPING = (
    # stop texting me, quit messaging this number, STOP with the texts
    rule(
        rf"\b{_STOP_OR_SO} (?:(?:all|the|with|your|ur|this|fucking|freaking|damn|calling|and|or|constantly"
        rf"|trying to|even) ){{0,3}}{_TEXTING}(?: (?:me|us|my|this|people|please|now))?\b",
        before=r"\b(?:i|he|she|it|they|who|him|her|them)(?: (?:just|also|really))?"
        r"(?: (?:cant|cannot|couldnt|wont|wouldnt|doesnt|dont|didnt|never|will|should|did|had to"
        r"|has to|must|to))?|and",
        after=rf"{_OTHERS}|and (?:driv|go |get |come )|while|you\b|u\b|when|in class|immigrants|voters",
    ),
    rule(
        rf"\b{_STOP_OR_SO} {_ADJECTIVES}(?:{_TEXTS}|text|spam)\b",
        before=r"\b(?:bus|next|to|bill)",
        after=r"(?:of|bill|law|act|him|her|them|and driv|while)\b",
    ),
    rule(
        rf"\b{_STOP_OR_SO} (?:\w+ )?send(?:ing|in)?(?: to)?(?: (?:me|us|my|this number)\b|{END}| {PLEASE}\b"
        rf"| (?:these|this|those|out|ur|your|so many|such|political|any|more|all this)"
        rf"(?: (?:to|text\w*|mess\w*|msgs?|crap|stuff|shit|junk|spam|bs|garbage|nonsense|things|anymore"
        rf"|please|pls|political|unwanted)\b|{END}))",
        before=r"\b(?:he|she|they|i|it)",
    ),
    rule(
        rf"\b{_STOP_OR_SO} (?:the )?calling(?:{END}| and text\w*| or text\w*| this| my\b| here\b| {PLEASE}"
        rf"| (?:me|us)(?={END}| (?:please|pls|and|or|at|on|anymore|again|now|i|im|you|ever|so|every|about"
        rf"|from|with)\b))",
        before=r"\b(?:he|she|they|i|it)",
    ),
)

_BEFORE_STOP = (
    rf"(?:{PLEASE}|ok|okay|just|now|hey|hi|hello|no|nope|yo|ugh|seriously|dude|bro|sir|maam|guys|yes|and"
    r"|so|omg|(?:can|could|will|would) (?:you|u|yall|ya)(?: people| guys| all)?|(?:you|u|yall) (?:\w+ )?"
    r"(?:need|have|got) to|(?:you|u) must|(?:i|ive|we) (?:\w+ ){0,2}(?:said|say|texted|replied|sent|typed|wrote)"
    r"|said|(?:i|ive|we) (?:\w+ ){0,2}(?:told|asked|ask|want|need|begged) (?:you|u|yall|this|these|them)"
    r"(?: all| guys| people| texts| messages)? to|(?:im |i am )?asking you to"
    r"|(?:im |i am )?not interested|no thanks?|no thank you|no ty|wrong (?:number|person)"
    r"|(?:how many times )?(?:do )?i have to (?:say|text|type|tell you to)|when will (?:you|this|these|it|they)"
    r"(?: texts| messages)?|make (?:it|this|these|them|the)(?: texts| messages)?|moved|deceased|not voting"
    r"|(?:i )?(?:already )?voted|spam|thank you|thanks|sorry|fucking|already|again|i repeat|then)"
)
_AFTER_STOP = (
    rf"(?:{PLEASE}|now|it|this|that|already|thanks?|thank you|ty|thx|immediately|asap|right (?:now|away)"
    r"|forever|for good|everything|(?:\w+ )?times|twice|again|ok|okay|dammit|damn it|sir|maam|bro|dude"
    r"|yesterday|last (?:week|month|time)|before|doing (?:this|that)|and desist|i mean it|seriously"
    r"|remove(?: me)?|unsubscribe(?: me)?|unsub|quit|end|cancel|opt ?out|stop|with this|fucking|all of (?:it|this))"
)

_COMMANDS = (
    # A sentence that is nothing but "stop" and words around it: "ok please stop it now".
    rule(
        rf"{START}(?:{_BEFORE_STOP} ){{0,4}}{_STOP}(?: {_AFTER_STOP}){{0,4}}{END}",
        after=r"\? *(?:sign|by|at)",
        fun=False,
    ),
    rule(rf"\b{PLEASE} {_STOP}(?= (?:now|thank\w*|im|or|texting|i)\b| [.]|$)", fun=False),
    rule(
        r"\b(?:i|ive|we|weve) (?:(?!him|her|them|the|his)\w+ ){0,3}(?:said|texted|replied|sent|typed|told you"
        r"|asked you|wrote|responded|answered|requested)(?: (?!him|her|them|the|his|we|well)\w+){0,3}"
        rf" (?:{_STOP}|unsub\w*|quit|opt ?out)(?={END}| (?:already|multiple|several|many|\d+|once|twice"
        r"|three|four|five|times|text\w*|send\w*|contact\w*|mess\w*|and|but|yesterday|last|weeks?|days?)\b)"
    ),
    rule(
        rf"{START}(?:{_BEFORE_STOP} ){{0,2}}(?:cease|desist|discontinue|halt|quit it|knock it off|cut it out"
        r"|enough(?: already)?|no more|block(?:ed|ing)?|reported|harassment|unwanted|remove|removed|removal"
        r"|delete|deleted|erase|rmv|opt|opt off|take off|dnc|spam|unsub|unfollow|remove (?:from|off) list"
        rf"|no contact|please no)(?: {_AFTER_STOP}){{0,2}}(?= [.]|$)",
        fun=False,
    ),
    rule(
        rf"\b(?:{PLEASE} (?:discontinue|cease|desist|terminate|refrain|quit)|cease and desist|quit it with)\b"
    ),
    rule(
        rf"\b(?:end|cancel|cancell|terminate|halt|cease|suspend|disable|turn off|shut off|discontinue|quit"
        rf"|desist|refrain from|enough(?: \w+)? with) {_ADJECTIVES}(?:all )?(?:communication )?"
        rf"(?:my subscription|{_TEXTS}|alerts|contact|notifications)\b",
        before=r"\b(?:dont|not|never|they|did|to)",
        after=r"(?:shift|party|event|team|bank|training|to the|him|her|them|while|and driv)\b",
    ),
)

_VERB = r"(?:text+|txt|tex|te?xt me|message|msg|mesage|contact|sms|bother|bug|spam|harass|solicit|pester|disturb)"
_NOT = r"(?:dont|do not|dnt|donot|don t|do nt|do no|doesnt|never|dont ever|not)"
_SUBJECTS = (
    r"\b(?:you|u|ya|he|she|they|we|i|who|why|if|people|guys|ppl|girls|it|that|did|does|has|had|is|was|am"
    r"|are|would|could|should|still|and|still do|just do)"
)
_AGAIN = r"(?:again|anymore|any more|no more|ever|at all)"

_FORBIDDING = (
    # don't text me, do not contact this number, never message us again
    rule(
        rf"\b{_NOT} (?:(?:you|u|yall|ever|dare|even|{PLEASE}|be|keep|try to|continue to|attempt to|to|bother"
        rf"|call or|call and|need to|have to) ){{0,3}}(?:{_VERB}|{_TEXTING}|write|hit|reach out to|reply to)"
        rf" (?:or (?:call|text|message|contact|email) )?(?:(?:me|us)\b(?: {_AGAIN})?|my (?:\w+ )?(?:phone|number|cell"
        rf"|wife|husband|son|daughter|mom|mother|dad|father|family|house|home|kids?)\b|{_AGAIN}\b"
        r"|this (?:\w+ )?(?:number|phone|cell|line|person|address|household)\b|(?:his|her) (?:phone|number|cell)\b"
        rf"|any ?(?:more|one|body)?\b|people\b|please\b|pls\b)",
        before=_SUBJECTS,
        after=rf"{_LATER}|this (?:early|late)",
    ),
    rule(
        rf"\b(?:dont|do not|dnt|donot|never|not) (?:text|txt|contact|message|msg|solicit)(?:{END}| {PLEASE}\b"
        r"| or (?:call|contact|message|text)\b)",
        before=_SUBJECTS,
    ),
    rule(
        rf"\b(?:dont|do not|dnt|donot|never|not) (?:(?:you|u|ever|{PLEASE}) ){{0,2}}(?:call|email) (?:(?:me|us|here"
        rf"|this (?:\w+ )?(?:number|phone)|my (?:phone|cell|house|number|home))(?= {_AGAIN}| or\b| and dont"
        rf"| {PLEASE}| thank| i (?:do|am|have)|{END})|or (?:text|message))",
        before=_SUBJECTS,
    ),
    rule(
        rf"\b(?:dont|do not|dnt|donot|never|not|didnt) (?:(?:you|u|ever|{PLEASE}|to|keep) ){{0,2}}send(?:ing)?"
        rf" (?:(?:me|us|to me|my \w+|this number)\b(?={END}| {_AGAIN}| (?:any|text\w*|mess\w*|msgs?|more|these|this"
        r"|stuff|crap|anything|political|unsolicited|spam|sms|your (?:text|mess|crap|spam))\b)"
        rf"|(?:any |any more |more |these |this |those |your |ur |political ){{0,3}}(?:{_TEXTS}|text|crap|spam"
        rf"|anymore|any more)\b|(?:more|these|this|those)(?:{END}| to (?:me|my|us|this)\b| {_AGAIN}| {PLEASE}))",
        before=r"\b(?:he|she|they|we|i|who|why|did|please and thank)",
        after=rf"{_LATER}",
    ),
    rule(
        rf"\b(?:not (?:to )?|n(?:o|ever) need to |dont (?:need|have) to )(?:{_VERB}|{_TEXTING}|call) (?:me|us|this"
        rf" number|here|my phone)(?: or \w+)? {_AGAIN}\b",
        before=r"\b(?:do|did|does|i|he|she|they)",
    ),
    rule(
        rf"\b(?:(?:can|could|would|will) (?:you|u|yall)(?: all| guys| people)?(?: {PLEASE})?|asked you|told you"
        rf"|asking you|rather you|prefer you|like you|{PLEASE}|(?:you|u) (?:may|will|shall|must|should|are)) not"
        rf"(?: to)?(?: ever)? (?:{_VERB}|{_TEXTING}|call|send|email)\b",
        after=rf"{_LATER}|{_OTHERS}",
    ),
    rule(
        r"\b(?:appreciate|prefer|like|wish|rather|nice|great|grateful|love)(?: \w+){0,3} you (?:didnt|wouldnt"
        rf"|would not|did not|dont|do not|stopped|quit)(?: ever)? (?:{_VERB}|{_TEXTING}|send|call)"
    ),
    rule(
        r"\b(?:lose|loose|forget|burn|trash|toss|shred|throw (?:away|out)|get rid of|discard|destroy|dump)"
        r" (?:my|this|our|that)(?: \w+)? (?:number|digits|contact|info\w*)\b",
        before=r"\b(?:to|you|u|i|did|dont|not|might|will|wont|gonna|could|he|she|they|never)",
    ),
    rule(r"\bforget (?:that )?you (?:ever )?(?:had|saw|got|know|knew|have) (?:my|this|me)\b"),
    rule(
        rf"\b(?:if|next time|when) you (?:ever |so much as )?{_VERB} (?:me |this number |us )?(?:again|one more)\b"
        rf"|\b{_VERB} me (?:again|one more time) (?:and|or) (?:i|im|ill|my|youll|you will|we)\b"
        r"|\b(?:next|one more|another) (?:text|message)(?: \w+){0,3} (?:lawyer|attorney|block\w*|report\w*|sue|fcc)\b"
    ),
)

_FROM_A_LIST = (
    rule(
        rf"\b(?:remove|remov|removed|rmv|remve|romove|removr|delete|delet|erase|scrub|unlist|purge|unenroll)"
        rf" (?:(?:me|us)\b|{_MY_NUMBER}\b|(?:phone )?(?:number|name|contact)\b|(?:from|off) (?:of )?(?:your |ur |the"
        r" |this |all |any |my )?(?:\w+ )?(?:lists?|database|contacts)\b)",
        before=r"\b(?:dont|never|not|they|he|she|who|did|it|to your|bots)",
        after=r"from (?:the )?(?:group|chat|office|committee|thread|team|schedule|shift|role|meeting|event"
        r"|calendar|stage|tag|cart)|as\b|on the \w+ sign",
    ),
    rule(
        rf"\b(?:take|took|get|drop|pull|strike|scratch|leave|cut|keep|kick) (?:me|us|{_MY_NUMBER}|mine)"
        r" (?:(?:off|from|out)(?: of)?|of) (?:(?:your|ur|you|this|the|these|those|all|any|every|that|whatever) )?"
        r"(?:\w+ ){0,2}?(?:lists?|database|db|system|rolls?|roster|text\w*|mess\w*|msgs?|records|contacts?|files?"
        r"|distribution|mailing|rotation|registry|directory|here)\b",
        before=r"\b(?:dont|never|not)",
        after=r"(?:for|on) (?:mon|tues|wednes|thurs|fri|satur|sun|the)",
    ),
    rule(
        rf"\b(?:take|get) (?:me|us|{_MY_NUMBER}) off(?={END}| {PLEASE}| thank\w*| now| immediately| asap| i | im )"
    ),
    rule(rf"\btake (?:me|us|my name|my number|this number|number|name)?(?: )?off (?:\w+ )?list\b"),
    rule(
        r"\b(?:want|wanna|wish|need|like|get|getting|be|got|how) (?:to (?:be |get |come )?)?(?:taken |removed )?off"
        r" (?:of )?(?:your|ur|this|these|all|any|that|the (?:text\w*|call\w*|mailing|contact|phone|sms|campaign))"
        r" (?:\w+ ){0,2}?(?:lists?|texts?|messages)\b"
        r"|\b(?:get|want|be|taken) off (?:of )?(?:your|ur|this|the) list\b"
        rf"|\b(?:i|we) (?:just )?want (?:out|off){END}"
    ),
    rule(
        r"\b(?:i|id|i d|we|we d)(?: \w+){0,4} (?:to be|to get|to have been|be|been|get|getting|being) (?:removed|taken off"
        r"|deleted|unsubscribed|opted out|left alone|unlisted)\b"
        r"|\b(?:asked|asking|request\w*|want|like|wish|demand|need|please|prefer)(?: \w+)? (?:to be|be) (?:removed"
        r"|taken off|unsubscribed|left alone|deleted)(?! from (?:office|the (?:ballot|committee)))\b"
        rf"|\bhave (?:me|us|{_MY_NUMBER}) (?:removed|taken off|deleted|erased)\b"
    ),
    rule(
        r"\bopt(?:ed|ing)? (?:me |us |this (?:phone |cell )?number |my number |out )?(?:out|uot|oit|off)\b|\bopt ?uot\b"
        r"|\botp out\b|\boptout\b|\bopting out\b|\bout out of (?:these|this|text\w*)\b",
        after=r"of (?!(?:this|these|your|ur|all|any|it|text|mess|receiving|getting|future|further|communicat"
        r"|campaign|political|the (?:text|mess|list|sms))\w*)|(?:rules?|polic\w+|forms?|rates?|window|deadline|law)\b",
    ),
    rule(
        r"\bun ?s(?:u[bp]?)?s?c?r?[si]?[ci]?r?i?[bpd]+(?:e|ed|ing|er|es|eme|bed)?\b|\bunsub\w{0,9}\b|\bunsusc\w{2,7}\b",
        after=r"from (?:cable|netflix|hulu|the (?:times|post|gym)|his|her|their|spotify)",
    ),
    rule(
        r"\b(?:do not|dont|no) (?:call|text|contact)(?: or text| or call)? (?:list|registry|register)\b"
        r"|\bdnc (?:list|registry)\b"
    ),
)

_REFUSING = (
    rule(
        r"\bleave (?:me|us|this (?:number|family|phone)|people|folks|my (?:poor )?(?:mother|mom|dad|father|wife|husband"
        r"|son|daughter|family|kids?|phone|parents|grandm\w+)) (?:(?:the|tf|f\w{0,7}|hell|heck|fuck) ){0,2}"
        r"(?:alone|be|in peace)\b",
        before=r"\b(?:dont|do not|never|didnt|not|he|she|they)(?: ever)?",
    ),
    rule(
        rf"(?:{START}|\b)(?:no|no more|no further|no additional|no future|no unwanted|zero|want no|want no more) "
        rf"(?:(?:more|political|spam|campaign|unsolicited|of (?:these|this|your|ur)|further|text|stupid) ){{0,3}}"
        rf"(?:{_TEXTS}|contact|calls? or texts?|texts? or calls?)(?={END}| {PLEASE}| thank\w*| ever| again| from you"
        r"| to (?:me|this)| anymore| or | i | im )",
        before=r"\b(?:have|had|got|are|were|is|was|with|received|there|been|has|i)",
        after=r"(?:left|yet|since|today|so far)\b",
    ),
    rule(
        rf"{START}(?:{_BEFORE_STOP} ){{0,2}}no (?:more )?(?:text|txt|texting|soliciting|solicitors|calls or texts|more of"
        rf" (?:these|this))(?: {PLEASE}| thanks| thank you| ever| me| or \w+){{0,2}}{END}"
    ),
    rule(rf"\bno more of (?:these|this|your)(?: \w+)?(?:{END}| {PLEASE})"),
    rule(
        r"\b(?:dont|do not|didnt|did not|never|no longer|not|dnt|wouldnt|would not|rather not|prefer not|refuse|neither)"
        r"(?: (?:really|even|ever|at all|to))?(?: (?:want|wish|care|like|need|desire|ask|asked|agree|agreed|consent\w*"
        r"|sign(?:ed)? up|subscribed?|appreciate|interested|looking|authorized?|welcome|opt(?:ed)? in|request\w*|be|get"
        rf"|receive))(?: (?!miss|send|write)\w+){{0,4}}? (?:{_TEXTS}|texted|messaged|contacted|solicited|spammed|on (?:this"
        r"|your|ur|the|any|a|that) (?:\w+ ){0,2}list)\b",
        before=r"\b(?:he|she|they|we dont know|if|why|you)",
        after=r"(?:of the|him|her|them|while|and driv|to wait)\b",
    ),
    rule(
        r"\b(?:dont|do not|no longer|never|not|didnt|did not) (?:want|wish|care|ask|asked|need|interested|like)(?: in)?"
        r"(?: to)?(?: for)?(?: be)?(?: (?:get|getting|receive|receiving|see|seeing|have|any|any more|more))?(?: (?:any|more"
        rf"|of))*? (?:these|this|those|your (?:spam|crap|texts?))(?={END}| anymore| any more| {PLEASE}| on my phone| coming)"
        r"|\b(?:dont|do not|no longer|not) (?:want|wish|care|interested)(?: in)?(?: to)? (?:receiv\w+|hear(?:ing)?"
        r" (?:anything |more )?from (?:you|u|this|your|ur|any|people like)|be bothered|be part of (?:this|your))\b"
        r"|\b(?:dont|do not) want (?:you|u|anyone|anybody|people|yall)(?: \w+)? (?:to )?(?:text|contact|messag|call)\w*"
    ),
    rule(
        r"\b(?:didnt|did not|never|dont (?:remember|recall)|havent|have not|wasnt)(?: \w+){0,2}? (?:sign(?:ed|ing)? up"
        r"|subscribed?|asked?|agreed?|consent(?:ed)?|opt(?:ed)? in|request(?:ed)?|authoriz(?:e|ed))"
        r" (?:for |to )?(?:(?:get|getting|receive|receiving|be) )?(?:any of )?(?:this|these|that|it|your|ur|text\w*|mess\w*"
        rf"|sms|being)(?={END}| (?:text\w*|mess\w*|list|crap|stuff|take|stop|remove|please|pls|shit|spam|so|and|service)\b)"
        r"|\b(?:didnt|did not|never|dont|do not|without|no|not)(?: \w+){0,4}? (?:permission|authori[sz]ation) to (?:text"
        r"|contact|message|call|use|have|send)\b"
        r"|\bnever gave (?:you|u|anyone|yall)(?: guys| people)? (?:my|permission|consent)\b"
        rf"|\b(?:do not|dont|did not|didnt|never|not) consent(?:ed)?(?={END}| to (?:this|these|be|text\w*|receiv\w*|mess\w*"
        r"|your|any|being|contact)\b)"
        r"|\b(?:revok\w+|withdraw\w*|rescind\w*|retract\w*) (?:\w+ ){0,2}(?:consent|permission|authori[sz]ation)\b"
    ),
    rule(
        r"\b(?:tired|sick|fed up|enough|too many|unwanted|unsolicited|bombard\w+|inundated|flood\w*)(?: (?:and|tired|sick"
        r"|of|with|by|getting|receiving|all|the|these|your|ur|this|so many|political|campaign|constant|stupid|damn"
        r"|f\w{0,7}|being|from you)){0,5} (?:te?xts|txts|text messages?|messages|msgs|texted|messaged|contacted)\b"
        r"|\byou (?:text|message|contact)(?: me)?(?: way)? too (?:much|often)\b"
    ),
)

_TELL = r"(?:fcc|ftc|police|cops|authorit\w+|attorney general|carrier|better business|bbb|phone company|verizon|election)"
_THREATENING = (
    rule(
        r"\b(?:this|that|it|these|which|thats|its)(?: (?:is|are|has|have|become|becoming|texts|now|borderline|bordering|on"
        r"|literally|pure|getting|to|be|constitutes?|considered|feels|like|as)){0,4} harass(?:ment|ing)\b"
        rf"|\b(?:you|u|youre|keep|quit) (?:\w+ )?harass(?:ing)? (?:me|us|my|people)\b|\bharassing (?:texts|messages)\b"
    ),
    rule(
        r"\b(?:i|im|i am|ill|i will|we|will|going to|gonna|ive|i have|already|am|be|or)(?: \w+){0,2}? (?:report(?:ing|ed)?|block"
        r"(?:ing|ed)?|su(?:e|ing)) (?:(?:you|u|your|ur|all of you)\b|(?:this|these|the|ur)(?: phone)? (?:number|text\w*|mess\w*)"
        rf"|(?:this|it|these|them)(?={END}| as\b| to (?:the )?{_TELL}\b)|as (?:spam|junk)|to (?:the )?{_TELL}\b)"
        r"|\bi(?:ll| will| am going to|m going to|m gonna) sue\b"
    ),
    rule(
        r"\byou(?:r number)?(?: (?:are|have|ve|r|will|is|has|was))?(?: (?:been|be|being|getting|now|hereby|all))? (?:blocked"
        r"|reported)\b|\byoure (?:now |getting |being )?(?:blocked|reported)\b|\byouve been (?:blocked|reported)\b"
        r"|\b(?:reported|reporting|report|marked|flagged|considered?) (?:\w+ )?(?:as|for|this) (?:spam\w*|junk|phishing)\b"
        rf"|{START}(?:blocking|reporting) (?:you|u|this|your|the|all)\b(?! (?:bill|road|street|ideas|group|votes))"
        rf"|\bnumber (?:has been |is |will be |was |is being )?(?:blocked|reported)\b"
        rf"|\b(?:reported|reporting|report|complain\w*|file|filed|filing|notify|violat\w+)(?: \w+){{0,5}} (?:fcc|ftc|tcpa)\b"
        r"|\btcpa\b"
    ),
    rule(
        r"\b(?:hear from|contact(?:ing)?|call(?:ing)?|speak\w* (?:to|with)|consult\w*) (?:my|our) (?:lawyer|attorney)\b"
        r"|\bmy (?:lawyer|attorney) will\b"
    ),
    rule(
        rf"\b(?:this|it|its|thats|texts|just|considered?)(?: is| are| this)? spam(?= [.]|$)",
        before="is",
    ),
    rule(
        rf"{START}(?:(?:please|just|no|oh|ok|you can|you|yall|so|then|can you|would you|now|hey|pls|all of you|nope"
        r"|why dont you|who is this|leave) ){0,3}(?:go away|get lost|buzz off|bug off|bugger off|back off|sod off|beat"
        r" it|scram|shoo|take a hike|kick rocks|pound sand|go pound sand|drop dead|get bent|bite me|up yours|shove it"
        r"|shove off|screw (?:off|you)|eff (?:you|u)|f you|f u|fu|go to hell|gfy|gtfo|stfu|shut up|shut (?:the|tf) \w+ up"
        r"|kiss my \w+|eat shit|suck it|get a life|kma|rot in hell|leave|fuck (?:you|u|ya)(?: all| guys)?)"
        rf"(?: (?:please|now|already|all|forever|loser|creep|and|thanks|asshole|clown|idiot|with this|pls)){{0,3}}{END}",
        fun=False,
    ),
    rule(
        r"\b(?:fuck|fk|fck|fuk|fuq|f\*+k?|f\*?[cu*]k|f|eff|piss|sod|screw) (?:right |the \w+ |all the way )?off\b"
        r"|\b(?:fuck|f\*+k?|screw|f) (?:your|ur|you) ?self\b|\bplease go away\b|\bgo away and\b|\bgo fuck\b",
        after=r"(?:friday|monday|day|limits|work)",
        fun=False,
    ),
    rule(r"\b(?:go )?(?:text|bother|harass|spam|annoy) (?:someone|somebody|anybody|anyone) else\b"),
    rule(
        r"\bhow (?:do|can|could|would|to|does)(?: (?:i|one|u|you))?(?: \w+)? (?:stop|block|end|cancel|quit|get (?:off|out of|rid"
        r" of|removed|taken off)|make|unenroll)(?: \w+){0,3}? (?:texts?|messages|msgs|lists?|these|stop|texting|messaging|this)"
        rf"(?={END}| from\b| stop\b| coming\b| anymore\b)",
        after=r"[?.] \w* ?(?:train|bus)",
    ),
    rule(
        r"(?:^| )🖕|^(?:(?:🛑|🚫|⛔) ?)+(?:✋ ?)*$|(?:🛑|🚫|⛔) (?:text\w*|mess\w*|contact\w*|sms)\b|^✋ 🛑"
    ),
)

RULES = _STOPPING + _COMMANDS + _FORBIDDING + _FROM_A_LIST + _REFUSING + _THREATENING
