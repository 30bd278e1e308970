"""Requests to stop that forbid: do not text me, lose my number, if you text again."""

FORBIDDING = """
# don't text me, do not contact this number, never message us again
<dont>/never/not/no (you/u/yall/ever/dare/even/<please>/be/keep/try_to/continue_to/attempt_to/bother
    /call_or/call_and/need_to/have_to/try/go)* <text>/<texting>/write/reach_out_to/text_or_call
    /call_or_text/text_or_email/contact_or_text/text_call_or (or/and/call/text/email/contact) <me>
    /people/anyone/my_<kin>/this_line/this_address/this_household/this_person/this_cell/his_phone
    /her_phone/his_number/her_number/<again>/please/pls/me_<again>/it_<again>
    ; not after <not_subject>/yes_or/forget_to/hesitate_to
    ; not before <later>/a_sign/the_link/the_address/the_info/the_details/the_time/a_message
        /a_voicemail/know/when_you/your_address/if_you_need/with_questions/anytime
<dont>/never/not text/txt/contact/message/msg/bother_me/solicit/sms |
    ; not after <not_subject>/you_can/or
    ; not before ?
<dont>/never text/txt/contact/message/msg/solicit please/pls/or_call/or_contact/or_message
    ; not after <not_subject>
<dont>/never (you/u/ever/<please>)* call/email/phone (me/us/here/this_number/this_phone/my_phone
    /my_cell/my_house/my_home) <again>/or_text*/or_contact/or_message/and_dont
    ; not after <not_subject>
<dont>/never (you/u/ever/<please>)* call me/us/this_number/my_phone/here (<please>/thanks
    /thank_you) |
    ; not after <not_subject>
<dont>/never (you/u/ever/<please>/be/keep)* send/sending (me/us/to_me/here) (<which>)* <texts>
    /text/<junk>/anymore/any_more/anything/any/these/this_to_me/those/anything_else/more_of_these
    ; not after he/she/they/we/i/who/why/did/you
    ; not before <later>/back/of_the
<dont>/never (ever/<please>/keep)* send/sending me/us/to_me (<again>) |
    ; not after he/she/they/we/i/who/why/did/you
<dont>/never (ever/<please>)* send any_more/more/these/this/those/anymore (to_me/to_us/please/pls
    /to_my_phone/to_this_number) |
    ; not after he/she/they/we/i/who/why/did/you
<dont>/never use/call/dial my/this number/phone ; not after <not_subject>
<dont>/never reach_out/reachout/get_in_touch (to_me/to_us/with_me) <again>
    ; not after <not_subject>
no_need_to/dont_need_to/dont_have_to/neednt/need_not/not_welcome_to/quit_trying_to <text>/call (me
    /us/here) <again>
    ; not after i/we/they
can/could/would/will you/u/yall (all/guys/people/just)* (<please>) not/never/stop <text>/<texting>
    /send/be_texting
    ; not before <later>/<others>
asked_you/asked_u/told_u/told_you/asking_you/telling_you/rather_you/prefer_you/prefer_that_you
    /asked_you_guys/ask_that_you/request_that_you (people/all/guys/didnt)* not (to) (ever) <text>
    /<texting>/call/send/use
    ; not before <others>
asked_you/told_you/asking_you/said/i_said/i_say (people/all/guys/to/already/repeatedly)* <dont>
    /never/not/not_to/no_more (to) <text>/<texts>/send
    ; not before <others>
you/u may/will/shall/must/should/do/are not (to/allowed_to/permitted_to/authorized_to
    /have_permission_to) <text>/call/use
you/u/yall may/shall/must never/not <text>
appreciate/prefer/like/wish/rather/nice/great/grateful/thankful/obliged/love/mind ..3 you/yall
    didnt/wouldnt
    /would_not/did_not/dont/do_not/stopped/quit/not (ever) <text>/send/call/<texting>/sending
    /write/use
would_you_mind/do_you_mind/would_u_mind (please) not/stopping/to_stop/quitting
appreciate/prefer/grateful if/it/being/to ..4 stop/stopped/removed/not_contacted/not_texted
    /not_to_be/no_more/left_alone
rather/prefer (to) not (to) (be/get/receive/have/getting/receiving) (<which>)* <texts>/contacted
    /texted/messaged/these/this
lose/loose/forget/burn/trash/toss/shred/throw/rip_up/tear_up/throw_away/throw_out/get_rid_of/discard
    /destroy/dump/drop/ditch/nuke/pull my/this/our/that/these/her/his (phone/cell) number/digits
    /contact/info/information
    ; not before here/there/in_the/for_the/as
    ; not after should_i/can_i/to_not/not_to/you/u/i/did/dont/not/might/will/wont/gonna/could/he
    /she/they/never
    ; not about raffle/contest
lose/loose/drop/ditch/burn/trash/toss/erase/delete/destroy the (phone) number/digits
    |/<now>/please/and/dude/man/from/or
    ; not after to/to_not/you/u/i/did/dont/not/might/will/wont/gonna/could/he/she/they/never/we
forget (that) you (ever) had/saw/got/know/knew/have my/this/me
if/next_time/when you (ever/so_much_as) <text>/call (me/us/this_number) again/one_more_time
    /one_more
<text> me/us again/one_more_time and/or i/im/ill/my/youll/you_will/we/see/find/watch
next/one_more/another/any_more/each/every text/message (from_you) ..4 vote/my_vote
    ; not before for_her/for_him
keep/dont_stop texting/messaging/sending/spamming ..6 vote/opponent/other_guy/other_side
if you/u/yall/you_guys/you_people dont/keep stop/texting/sending/messaging/quit (these/this/me
    /texting) |/texting/and/i/im/ill/my/these
| (<lead>)* <dont> (<please>/you)* bother texting/contacting/messaging/replying (me/us/anymore/again
    /<please>)* |
| (<lead>)* <dont> (<please>/you)* text/write/reply/respond/message/hit_me/hmu (me/us) (back
    /bak/up/again)* (<please>/<again>) |
<dont> (you/u) (even) hmu/hit (me/my/us) (up/line/phone)
next/one_more/another/any_more text/message/texts/msg (from_you) ..4 lawyer/attorney/block*
    /report*/sue/fcc/police/reported
| (<lead>)* lose/delete/remove/erase it (please/and*/now/thanks)* | ; not in fun
i/id (would/d/really)* like/want you (guys/people/all)* to (please/just)* forget/lose/delete/erase
    /remove/stop (my/this/texting/contacting/all)
lose it and/or/please ; not after to/dont/gonna/will
keep getting/receiving these/your/ur/so_many/political/unwanted (<which>)* <texts>
why/you/u/yall/are (do/are/is/guys/people/all) (you/u/yall) (people/guys/all) (still/always
    /constantly/even) keep/still/always/constantly (on) texting/messaging/contacting/spamming
    /sending_me/bothering/harassing/blowing_up/calling
    ; not after he/she/they/someone/bot
    ; not before him/her/them/each_other/about_the/bills
are_you/you_are/youre/you_still/you_people/yall/why_still/you_guys_are/you_keep still/on texting
    /messaging/contacting/sending (me/us/this)
i/im (am)* still getting/receiving (<which>)* <texts>
why am i still getting/receiving/on (<which>)* these/<texts>/<your_list>
"""
