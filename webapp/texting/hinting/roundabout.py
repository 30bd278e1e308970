"""Requests to stop in a roundabout way: politely, as a suggestion, by what else will happen."""

POLITE = """
# I would appreciate not being contacted, I'd like to not get these
appreciate/prefer/like/love/rather/grateful/happy/happier/glad/mind/nice/choose/wish/ask (to)* not
    (to/ever/be/being/get/getting/have/having/receive/receiving/hear/hearing/see/seeing/any/another
    /<which>)* contacted/texted/messaged/bothered/solicited/spammed/called/<texts>/text/message
    /these/from_you/from_y_all/from_yall/on_this/on_these/on_your_<list>
    ; not after dont/do_not/didnt/wouldnt/wont
appreciate/prefer/like/love/rather/grateful/happy/happier/glad (to/if/be)* no_longer (to/be/being
    /get/getting/receive/receiving/have/having)* (<which>)* contacted/texted/messaged/<texts>/these
appreciate/appreciated/thankful/grateful/obliged/nice/great/happy/love/good/prefer (it)* if
    you/these/this/yall/your_<texts>/the_<texts>/i/we (could/would/can/all/guys/people/just/please)*
    left/leave/take/took/remove/removed/delete/deleted/drop/dropped me/us/my_number/this_number
    /my_name off/out/from/out_of/alone/be/|
possible/option/pay/money/way to not/never get/receive/be/have/see (<which>)*
    <texts>/contacted/texted/messaged/these |/anymore/please/from
to_not/not_to/never_to get/receive/see/have another/one_more/any_more text/message/texts/messages
rather/prefer (to) not/never (to) be (on/in/part_of) (this/these/that/your_<list>/your_texts) |
# how about you don't text me, maybe stop texting me, why don't you lose my number
how_about/how_bout/hows_about/what_if/maybe/perhaps/suggest/recommend/why_dont (you/u/ya/yall/we/i
    /that/just/all/guys/people/please)* not/dont/didnt/do_not/stop/stopped/quit/never
    text/texting/message/messaging/contact/contacting/bother/bothering/bug/bugging/spam/spamming
    /harass/harassing/sending/send
    ; not before <later>/<others>/me_when/me_tomorrow
how_about/how_bout/hows_about/what_if/why_dont/why_not (you/u/ya/yall/just/all/guys/people/please)*
    lose/delete/forget/erase/remove/drop/toss my/this/the number
<please>/maybe/perhaps/how_about (you/just)* not texting/messaging/contacting me/us/people
    /strangers/here/this_number
# no need to keep texting, I don't need further reminders
need/reason/point to/in/for (keep/continue/be/you/on)* (to) texting/messaging/contacting/reminding
    /checking_in/following_up/reaching_out/bugging
    ; not after i/we/they/you/see_the/got_to
need/reason/point to/in keep/continue (on) sending/asking/writing/calling (me/us/this/these/out)
    ; not after i/we/they/you
dont/do_not/no_longer/never/not/wont need/want/require/needing/wanting/accept (to/be/get/receive
    /receiving/getting/see/have)* further/more/any_more/any_further/these/your/constant/daily
    /endless
    reminders/updates/alerts/follow_ups/notifications/reminding/outreach/communications
    ; not after i_hope_you/he/she/they/if_you/why
dont/do_not/never/cant (ever/want/need/wanna/care)* to/wanna (ever)* see/get/receive/read another
    /one_more/any_more text/message/texts/messages |/from/again/please
# I hope I never hear from you again, I no longer wish to participate
hope/wish/want/wanna/like/pray/prefer (i/we/to/that/ever/wont/will/would)* never/dont/not/never_to
    /not_to/never_ever (have/to/ever/want)* hear/hearing/see/get ..1 from you/yall/u/your/ur
    /this_campaign/this_number/this_person/these_people
    ; not after if_you/why
never/nobody/no_one/noone want/wants/wanna/wanted/wish (to/ever)* hear/hearing/see from you/yall/u
    /your/this_campaign/this_number/these_people
no_longer wish/want/care/wishing/wanting/choose/interested (to/in/be/being/a)* participate
    /participating/take_part/part_of_this/part_of_these/part_of_your/involved |/in/anymore/please
    /with
    ; not about <elsewhere>/primary/survey
dont/do_not/not wish/want/care/going to participate/take_part/be_involved/be_part_of_this anymore
    /any_longer/any_more/any_further
changed my mind about/on (getting/receiving/wanting/being/signing_up_for/the/all/your)* <texts>
    /these/this/texted/contacted/updates |/from/please/texts/messages
want/wants/wanted nothing (more/else/further)* to_do_with this/these/any_of_this/you/yall/your/it
    |/texts/texting/list/anymore/please/so/and/remove/messages
want/wants/wanted no part of/in/to this/these/it/any_of_this/your |/please/so/and/texts/list
thought (that)* i/we/id/had/got/was (had/got/gotten/was/am/been/finally)* rid_of/done_with
    you/yall/u/these/this/your |/people/guys/texts/messages/spam/all
| (<lead>)* stay_lost/stay_away/go_away_and_stay_away/get_lost_and_stay_lost (from_me/from_us/please
    /now)* |
go_away/get_lost/buzz_off/bug_off/back_off/piss_off/sod_off/beat_it/bugger_off/get_out and/already
    /then dont/do_not/never/stay/leave/stop/lose/delete/dont_ever
"""

UNWANTED = """
# nobody wants these texts, 12 of these a day
nobody/no_one/noone/none_of_us (here/ever/at_this_number/on_this_phone/in_this_house/really/even)*
    want/wants/wanted
    /asked_for/asked_you_for/need/needs/likes/reads/signed_up_for these/this/your/ur/yall/yalls
    <texts>/<junk>/reminders |/from/please/quit/stop/so/and
nobody/no_one/noone/none_of_us (here/ever/in_this_house/really/even)* wants/asked_for/needs/likes
    these |/from/please/quit/stop/so/and
send/sending/sent/text (me/us/him/her/this_number/my_phone/this_phone/them)* nothing/no_more
    /nothing_more/nothing_else/no_further/no_other/zero (else/more/further/<which>)* <texts>/anymore
    /again/ever_again/to_this/to_my/to_me/please |
    ; not after i/they/he/she/you/we/will/to/can/ill/u
| (<lead>)* send (me/us/him/her)* nothing/no_more (else/more/further/again/anymore/ever/please
    /texts/messages)* |/to_this/to_my/to_me/here
dont/do_not/never/not ..6 or/nor/and (dont/do_not/ever)* send (me/us)* any/more/another/others
    /anything/any_others/any_more/anything_else |/like/of/to/texts/messages/please
    ; not after i/we/they/he/she
<dont>/never send (me/us/out)* any_others/others/another/another_one |/of/please/like
    ; not after i/we/they/he/she/you
<dont>/never send (me/us/him/her/this_number) (even)* another/one_more/a_single/a_damn/any_other
    (damn/single/fucking/political)* text/message/thing/one/word
no_more/nothing_more/nothing_else/nothing_further from you/yall/this_number/you_people
    |/people/please/guys/thanks
dont/do_not/no/never (want/need/allow/like)* (any/your/more/this/these)* politics/political/campaign
    /<junk> (stuff/ads/messages/talk)* on/in my/this phone/cell/line/inbox/number
no soliciting/solicitation/solicitations/solicitors/texting/spam/sms/texts/messages/ads/<texts>
    (<please>/allowed/or_calls/on/to/at/from/here)* this/my/our line/number/phone/cell/device
no political/campaign/unsolicited/marketing/spam <texts>/ads/spam/calls (<please>/allowed/on/to/at
    /from)* this/my/our line/number/phone/cell/device
<please> block (me/my_number/this_number/my_phone/this_phone) |/from/on/in
block my/this number/phone/line/cell/contact |/from/on/in/at/please/now
    ; not after i/ill/to/can_i/he/she/they/you/u
<please> block me |
# I'll bill you for each text
invoice/invoiced/invoicing/i_charge/ill_charge/i_will_charge/charge_you/charging_you/bill_you
    /billing_you/be_billed/billed/you_will_be_charged/you_owe_me/my_fee_is/my_rate_is/i_bill (#)*
    ..5
    per/each/every/any/for (each/every/any/the/subsequent/additional/further/future/next)*
    text/message/texts/messages
    ; not before plan/i_send/to_my_plan
# if I get another one of these I'm suing
if (i/we/you/one/she/he/my)* get/see/receive/hear/got/send/sends/getting (me/us/a/even/just/anything
    /from_you)* another/one_more/any_more/anymore/any_other/more/1_more ..10 suing/sue/ill_block
    /block_you/block_this
    /blocking/report/reporting/lawyer/attorney/police/cops/fcc/ftc/fec/legal/complaint/court
    /voting_for/vote_for/voting_against/vote_against/never_vote/not_vote/wont_vote/not_voting
    /charges/harassment/lawsuit
    ; not before with/at_the
if (i/we)* get/see/receive another/one_more/any_more (of/text/message/these/texts/messages/from
    /you/this)* (i/im/ill/we)* wont/not/never/will_not/wont_be/voting/will_vote/vote
    ; not before sign/signs
if (even) another/one_more/1_more (of_these/text/message/single) ..4 i/im/ill/my/we ..4 suing/sue
    /block/blocking/report/reporting/lawyer/attorney/police/cops/fcc/voting_for/vote_for/complaint
one_more/another/1_more of_these/of_those (texts/messages)* and i/im/ill/we/youll/you_will
spam (so/and/now/im/i_am)* reporting/blocking/reported/blocked |
next text/message/txt/one ..5 goes/gets/is/will_be/forwarded/sent ..2 to/forwarded/reported/blocked
    ..2 lawyer/attorney/fcc/ftc/fec/police/cops/spam/blocked/reported
"""

IN_CONTEXT = """
# What is asked in one sentence because of what was said in another:
# "Mom died last year. Stop sending her these", "Who gave you this number? Lose it"
died/dead/deceased/passed_away/passed/death/funeral/buried/hospice/dementia/alzheimers/widow ~9
    stop/quit/cease |/sending/texting/writing/calling/contacting/messaging/asking/bothering/please
    /this/with
    ; not before bill/law/war/madness/lies/voter*/him/her
died/dead/deceased/passed_away/passed ~9 <please>/dont/never/to take/remove/delete/dont/do_not/text
    /contact/message/write her/him/them/us/this/me/my/the_number/text/contact/message/write/send
    /again
    ; not after cant_wait/want
died/dead/deceased/passed/passed_away ~9 keep/kept/still/why texting/sending/messaging/contacting
    /writing_to/you_texting/you_still
hurts/painful/hurtful/upsetting/heartbreaking to see/get/receive/keep_getting (<which>)*
    these/<texts> |
nursing_home/dementia/hospice/alzheimers/year_old/child/childs/minor/kid/disabled ~8
    <dont>/quit/stop/never text/texting/contact/contacting/message/messaging/asking/bothering
    him/her/them |/for/please/again/anymore
died/deceased/passed/passed_away ~6 update/correct/fix/clean your_<list>/your_records |
phone/number/line ~8 leave him/her/them/my_<kin> alone
knock_it_off/cut_it_out/quit_it |/please/now
    ; not in fun
    ; not after to/should/he/she/they/must/them/would/can/better/could/and_tell/just/we/i/never/cant
died/deceased/passed_away ~6 remove/delete/take_off/unsub* |/her/him/them/this/the_number/my/us
wrong/number/wrong_person/not_me (?/./so/and/please/now/just/but)* lose/delete/erase/forget/drop it
number (?/./and/so/but/now/<please>/just/you/can/bud/pal/buddy/dude/friend)* lose/delete/erase
    /forget/drop/take/remove/trash/toss/scrub it (off/out/now/from) |/<now>/please/off/from/and
    /immediately/thanks/i/im
number (?/./and/so/but/now/<please>/just/you/line/phone)* <dont>/never (ever/you)* use/text/call it
    |/again/anymore/any_more/for/to/please/ever
    ; not after old
<dont>/never use it anymore/any_more ~4 number/phone/cell ; not after i/we/they/you/u
<dont>/never (ever) use it/them/my_number/this_number/this_phone again/for_anything/for_any
    /for_this/for_politics/for_political/for_marketing/for_texting/for_campaign*/to_text/to_contact
    ; not after i/we/they/you/u
texts/text/texting/message/messages/messaging/number/woke/phone ~9 ./?/<please>/so/and/just
    <dont>/never (ever/you/dare/u)* do/try it/this/that again/anymore/any_more |
texting/messaging/contacting/calling/spamming/texted/messaged ~9 ./?/<please>/so/just <dont> |
texts/messages/text_messages/texting/messaging/spam/spamming ~6 <please>/so/just/yall/and/now
    /already/seriously/must quit_it/knock_it_off/cut_it_out/give_it_up/give_it_a_rest/enough
    |/<now>/please/with
    ; not in fun
texts/messages/text_messages/messaging/spam/spamming ~6 quit_it/knock_it_off/cut_it_out
    /give_it_a_rest |/<now>/please/with
    ; not in fun
<dont>/never/quit (you/ever/even/<please>)* ask (me/us/for_money/for_donations/for_my_vote
    /for_anything)* again/any_more/anymore/ever_again |
    ; not after i/we/they/he/she/you/who/people/afraid_to
<dont> make_me/make_us ask/say/tell (you/this/it/to)* again
# you were told not to text here
you_were/you_have_been/youve_been/yall_were/yall_been/you_all_were/you_people_were/you_got (already
    /all/just/repeatedly/clearly/once)* told/asked/warned/notified/instructed/informed ..3 not/never
    /to_stop/to_quit/to_remove/to_cease (to/ever)* |/<text>/<texting>/call/send/use/me/us/texting
    /sending/it
what/how/where/which (do/can/must/would/does/should/else/the/hell/to/will/could/is_it/on_earth)* (i
    /one/it/we/u)* ..5 to/make/get/have (make/get/have/you/yall)* these/them/you/yall/u/the_<texts>
    /your_texts/your_<texts>/y_all/you_people (to/just/finally)* stop/end/quit/go_away/cease |
    ; not before war
what/whats/which ..3 word/code/keyword/number/trick ..4 to end/get_off/get_out/stop/quit/cancel
    (of)* this/these/it/the_<list>/the_<texts>/your_<list> |
these/the/your/those/all_these (<which>)* <texts> (really/just/all)* must/need_to/have_to/should
    /better/has_to/needs_to/gotta end/cease/go_away/stop |
what/how/where (do/can/must/should/else/the/hell/to/could)* i ..5 make/get this/it (to) stop
    /end/quit/go_away |
"""
