"""What requests to stop sound like in Spanish, French and Portuguese, and a little beyond."""

from webapp.texting.hint_rules import END, START, rule

_SPANISH = (
    # no me escriban más, ya no me manden mensajes, no nos llamen
    rule(
        r"\bno (?:me|nos) (?:vuelv(?:a|an|as) a )?(?:escrib(?:a|an|as|ir)|mand(?:e|en|es|ar)|envi(?:e|en|es|ar)"
        r"|text(?:ee|een|ees|ear|ie|ien)|contact(?:e|en|es|ar)|llam(?:e|en|es|ar)|molest(?:e|en|es|ar)|marqu(?:e|en|es))"
        r"(?: mas)?\b",
        after=r"(?:ahora|hasta|cuando|tont\w|hoy|manana|asi|la|el|fotos?|esta noche|antes|tarde|loc\w)\b",
    ),
    rule(
        r"\bno (?:molest(?:en|e|es|ar)|mand(?:en|e|ar)|envi(?:en|ar)|escrib(?:an|ir)|text(?:een|ear)|llamen|contact(?:en|ar))"
        rf"(?: mas| por favor|{END})"
    ),
    rule(
        r"\bdej(?:e|a|en|ar|ad|enme|ame|eme)? (?:ya )?de (?:\w+ )?(?:escrib|mand|envi|text|mensaj|molest|llam|contact|jod|ching"
        r"|spam)\w*"
    ),
    rule(r"\bdej(?:e|a|en|ad)(?:me|nos) (?:ya )?en paz\b|\b(?:me|nos) dej\w{1,4} en paz\b"),
    rule(
        r"\bno (?:quiero |deseo |me manden |mande |reciba )?(?:\w+ ){0,2}?mas (?:mensajes?|textos?|sms|llamadas)\b"
        rf"|{START}(?:por favor )?(?:ya )?no mas(?: por favor| gracias)?{END}"
    ),
    rule(
        r"\bno (?:quiero|deseo|queremos|quisiera|me interesa)(?: \w+){0,4}? (?:mensajes?|textos?|sms|llamadas|recib\w+|contact\w+"
        r"|me (?:escrib|mand|envi|contact|llam)\w+)\b"
    ),
    rule(
        r"\b(?:quit(?:e|en|a)|saqu(?:e|en)|saca|borr(?:e|en|a)|elimin(?:e|en|a)|remuev(?:a|an|e)|retir(?:e|en|a))(?:me|nos)\b"
        r"|\b(?:quit|sac|saqu|borr|elimin|remuev|retir)\w{0,3} (?:este|mi|mis|nuestro) (?:numero|telefono|nombre|datos|celular"
        r"|contacto|cel|informacion)\b"
    ),
    rule(
        r"\bd(?:ar|ame|arme|enme|eme|oy|arse) (?:me )?de baja\b|\bdes?(?:sus|ins|sub)s?cri\w+"
        r"|\b(?:cancelar?|anular|cancelen?|cancele) (?:la |mi |los |mis )?(?:su[bs]s?cripcion|mensajes|textos)\b"
        r"|\bsalir(?:me)? de (?:la|esta|su) lista\b"
    ),
    rule(
        rf"{START}(?:ya |por favor )?basta(?: ya| por favor)?{END}|\bbasta de (?:mensajes|textos|molest|escrib|mand)\w*"
        rf"|{START}(?:por favor |ya )?(?:paren?|alto|parar|pare ya|para ya)(?: ya| por favor| con esto){{1,2}}{END}"
        rf"|{START}(?:por favor|ya) (?:paren?|alto|parar|stop|cancelar){END}|{START}paren{END}|\b(?:stop|alto) por favor\b"
    ),
    rule(
        r"\bpar(?:e|en|a|ar|enle|ale) (?:ya )?(?:de (?:\w+ )?(?:mand|envi|escrib|molest|text|llam|mensaj)\w*|(?:con )?(?:los"
        r"|sus|tus|estos) (?:mensajes|textos))"
    ),
    rule(
        r"\bno (?:autorizo|autorice|doy permiso|di permiso|he autorizado|les? di mi numero)\b"
        r"|\b(?:los|les|te|lo) (?:voy a )?(?:reportar|denunci|bloque)\w*|\bestan? bloquead[oa]s?\b"
        r"|\b(?:chinga tu|chinguen|vete a la|vayanse|larguense|largate|no chinguen|vete al)\b"
    ),
)

_FRENCH = (
    rule(
        r"\barret(?:e|ez|er)(?: (?:svp|stp|donc|maintenant|tout de suite))? (?:de |d|avec |tous )?(?:me |m|nous )?(?:envoyer|texter"
        r"|ecrire|appeler|contacter|spammer|harceler|deranger|importuner|embeter|emmerder|solliciter|(?:ces |vos |les |tes )?"
        r"(?:messages|textos|sms|textes))\b"
        rf"|{START}(?:svp |stp |sil vous plait )?arret(?:e|ez)(?: svp| stp| sil vous plait| ca| maintenant| tout){{0,2}}{END}"
        rf"|\bstop (?:svp|stp|sil vous plait|sil te plait)\b"
    ),
    rule(
        r"\b(?:ne |n)?(?:me |m|nous )(?:text|ecri|envoy|envoi|contact|appel|derang|harcel|importun|embet|emmerd|sollicit)\w*"
        r" (?:plus|pas|jamais)\b",
        before=r"\b(?:je|tu|il|elle|on|ils|elles|vous|ca)(?: ne)?",
    ),
    rule(
        r"\bplus (?:de |d|aucun )(?:messages?|textos?|sms|textes?)\b",
        before=r"\b(?:un|le|ai|beaucoup|encore|a)",
    ),
    rule(
        r"\blaisse[zr]? (?:moi|nous) (?:tranquilles?|en paix)\b|\b(?:fich|fout)\w+ (?:moi|nous) la paix\b|\bfoutez le camp\b"
        r"|\bdegagez?\b|\ballez vous faire\b|\bva te faire\b"
    ),
    rule(
        r"\b(?:retir|enlev|supprim|ray|effac|ot)(?:e|ez|er) (?:moi|nous|mon (?:numero|nom|tel\w*|contact)|mes (?:coordonnees"
        r"|donnees|infos)|ce numero)\b|\b(?:me )?(?:desabonn|desinscri)\w+"
    ),
    rule(
        r"\b(?:veux|souhaite|desire|voudrais|veut|aimerais) (?:plus|pas|ne plus|ne pas)(?: \w+){0,3}? (?:recevoir|messages?|textos?"
        r"|sms|etre (?:contacte|sollicite)\w*)\b"
    ),
)

_OTHERS = (
    rule(
        r"\bpar(?:e|em|a) de (?:me )?(?:mandar|enviar|escrever|ligar|incomodar)\b|\bnao me (?:mand|envi|escrev|lig|contat|incomod"
        r"|perturb)\w*|\bme (?:tire|tira|tirem|remova|exclua|retire)m? d\w+|\b(?:remova|exclua|apague|tire|retire) (?:me\b|(?:o )?"
        r"meu (?:numero|nome))|\bme deixe?m? em paz\b|\bnao quero (?:mais )?(?:receber|mensagens)|\bdescadastr\w+"
    ),
    rule(
        r"退订|退訂|取消订阅|取消訂閱|(?:不要|别|別)再?(?:发|發|给我|給我|打|联系|聯繫)|停止(?:发|發)|\bdung (?:nhan|gui|lien)\b"
    ),
)

RULES = _SPANISH + _FRENCH + _OTHERS
