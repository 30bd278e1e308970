"""Requests to stop that say so: stop texting me, please stop, I already said stop."""

STOPPING = """
<please> <stop> <texting>/calling him/her/them |
want/need/like/love/how_do_i/how_can_i/wish (to/these/this/it/texts/messages/all/your/the/for)*
    stop (receiving/getting/these/texts/messages)* |
want/like/wish/need to stop receiving/getting (<which>)* (<texts>/these/this/from)
    ; not before my/mail/food/social
<halt> (<which>/robot/bot/auto)* <texts>/calls |/please/to/now/thanks
    ; not after bus/<third_person>
asked/asking/told/telling/beg/begging/ask/request/requests/requested (you/u/yall/ya/guys/people/all
    /nicely/politely/kindly/already/repeatedly/respectfully/for_you/that_you)* (to) <halt> (<now>
    /<please>)* |/<texting>/sending/send/these/this/the_texts/the_messages/last/yesterday/twice
    /before
    ; not after he/she/they/we_have/was/been/got
tell/ask/have/get ..3 to/please <halt> <texting>/sending |/me/us/my/this/people/these/so
    ; not before <others>
<halt> wasting your/my/our/ur/everyones time ; not after <third_person>
<stop> (just) isnt/doesnt/didnt/not/dont/isn_t (even/seem_to/actually)* work* ; not after bus/the/a
does (texting/replying/sending/saying)* <stop> (even) work ; not after bus
can/may (i/we) <stop> these/this/<texts>/the_<texts> ; not before bill/law/war/guy
what/whats/which/a (is/the/do/should/can)* word/code/keyword/number (to/do/i/we/should/can/send/text
    /use/for)* <stop>/unsub*/opt_out/get_off
going_to_need/need/want/would_like/id_like/demand you/yall (all/guys/people/folks)* to <halt>
    |/<texting>/this/these/sending ; not before <others>
that you/yall (please/all)* no_longer/not/never/cease/refrain_from (to) <text>/<texting>/call_me
    /send_me/send_any/send_more/send_messages/send_texts/send_these
make/get you/yall/you_people/you_guys (to) <halt> |/<texting>
<please> ..6 and <stop> |
<halt>/<dont> massage/massaging/testing me |/again/please
| (<lead>)* can/could you not | ; not in fun
| (<lead>)* <please> end/quit/cancel (<tail>)* | ; not in fun
notice/warning/demand/order to <halt> |/<texting>/all/contact*
<halt>/<dont> <text>/<texting> her/his/their/our phone/number/cell/line
<halt>/<dont> <text>/<texting> it | ; not in fun ; not after <not_subject>/<third_person>
<please> <halt>/<dont> <text>/<texting> her/him/them |
    ; not in fun
    ; not after <not_subject>/<third_person>
<halt> it with (<which>)* <texts>/<junk>
kill/nix/cut/cut_out/cut_it_out_with/knock_it_off_with/enough_already_with/ditch/spare_me/save
    /spare_us (all/the/these/your/ur/with/<which>)* <texts>/<junk>/texting
    ; not before cost*/bill/cord
give (it/me/us/the/these/your)* (texts/messages) (a) rest/break (with/from) (the/these/your)*
    <texts>
give the/these/your <texts> a_rest/a_break
abstain_from/refrain_from <texting>/contact*/sending/calling
you/yall/u/you_people/you_guys/you_all/these_people wont/dont/cant/never/refuse_to <halt>
    <texting>/calling/sending
<halt>/dont/get/stay/keep ..2 my/this phone/cell/number/line/inbox
    ; not after i/to/you/u/they/we/he/she/wont/cant/can/ill/will/must
    ; not before for/in/away/case/charger/with_you/number_is/is/at/and_call/on/charged/plan/bill
        /up_to/up_on
<halt> <text>/send/call/txt me/us/my/this_number
<halt> asking/begging (me/us/people/everyone/voters/for_money/for_donations/for_my_vote
    /for_my_money/already/please/now)* |
    ; not after <third_person>
<halt> begging/asking (me/us) for/to money/donations/vote/donate ; not after <third_person>
<halt> with (the/these/all/your/this)* donation*/fundraising/begging/asks/asking/requests
    /political
<stop>/quit/end/cancel to/2/two/too/and/or <stop>/end/quit/cancel/opt_out/unsubscribe/stop_all
stop2* ; not after the
| (im/i_am/i/ive/please)* reply/text/replying/texting/sending/typing/replied/texted <stop>/quit
    /unsub* |
chill/ease_up/lay_off/back_off/cool_it/slow_down/easy/enough (with/on/off/of)* (the/these/all
    /your)* texts/texting/messages/spam
get/stay out_of/off/outta my phone/inbox ; not after i/to/we
# stop texting me, quit messaging this number, please stop contacting people
<halt_or_so> (all/the/with/your/ur/this/and/or/constantly/trying_to/<please>)* <texting> (me/us/my
    /this/people/please/now)
    ; not after <third_person>
    ; not before <others>/you/u/ya/and_driv*/and_go*/and_get/and_come/while/when/in_class
        /immigrants/voters/innocent*
<halt> calling <me>/my/me_and/this/please | ; not after <third_person>
they need_to/have_to/must/better/should <halt> (<texting>/calling/it/now) |
you/u/yall (guys/all/people)* need_to/have_to/got_to/gotta/must/better/should <halt> (<texting>
    /calling/it/now) |
<halt> (the) calling <me>/my_house/my_home/this_house/please/anymore/or_texting/and_texting
    ; not after <third_person>
    ; not before racist*/names/a/an/that/crazy/names/dude/sir/maam/stupid/dumb
<halt> (the) calls/calling/calls_and_texts/texts_and_calls | ; not after <third_person>
<halt> asking (me/us) for/if/to/about ..3 <texts>/money/donations/vote
# stop the texts, stop with these messages, end all communication
<halt>/end/cancel/terminate/suspend/disable/turn_off/shut_off/<halt_or_so> (<which>)* <texts>/text
    /spam/calls_and_texts
    ; not after bus/next/bill/last/train/<third_person>
    ; not before of/bill/law/act/<others>/and_driv*/while/shift/party/event/team/bank/training
        /to_the/lines/lenses/filter
<halt> (<which>)* <junk> | ; not after bus/to
cancel/end my/the/this subscription/subscriptions/messages/texts ; not after dont/not/never/to
| (<lead>)* end/cancel/stop (my/the/this/our)* subscription (<please>/now)* |
| (<please>) cancel (me/my_texts/subscription/all/all_of_these/everything) | ; not after party
# stop sending me these
<halt> (with_the/the/please/fucking/even) send*/sendin <me>/them_to_me/it_to_me
    ; not after <third_person>
<halt> (with_the/the/please) send* |/please ; not after <third_person>
<halt> send* (me/us/to_me) (any/out/all/these/this/those/your/ur/so_many/such/political/more/me
    /campaign)* <texts>/<junk>/text
    ; not after <third_person>
<halt> send* him/her/them/people/folks/everyone/strangers/my_<kin>/our_<kin>/a_<kin>
    (any/all/the/more/your/political/so_many/such/campaign)* these/those/this/<texts>/<junk>/text
    ; not after <third_person>
<halt> message/msg |
<halt> send* these/those/this (<please>/anymore/to) | ; not after <third_person>
<halt> send* these/this/those to/please/pls/anymore/over
    ; not after <third_person>
    ; not before the
"""

COMMANDS = """
# A sentence that is nothing but "stop" and the words around it: ok please just stop it now
| (<lead>)* <stop> (<tail>)* | ; not in fun ; not before bus
| (<lead>)* <stop> i/im/ive/this_is/its/not_interested/wrong/already/no
    ; not in fun
<halt> ..2 different/new/other numbers
can/could/would/will you/yall (<please>/just)* lose/forget/get_rid_of/erase/drop/toss my/this (phone
    /cell) number
| (<lead>)* <stop> <please> i/im/we/my/ive/not/this_is/these_are
| (<lead>)* <stop> <stop> (<stop>)* (<tail>)*
<please> <stop> now/thanks/thank_you/i/im/or/we/you_are/already ; not in fun
# I said stop, I've texted STOP five times, I already asked you to quit
i/ive/we/weve/already (<which>/have/already/just/literally/keep/kept/clearly)* said/say/saying
    /texted/replied/replying/sent/hit/pressed/typed/told_you/told_you_guys/told_you_all
    /told_you_people
    /told_yall/asked_you/asked_you_guys/wrote/responded/answered/requested (to/you/the_word/no
    /please/multiple_times/several_times/to_please/for_you_to/that_you)* <stop>/unsub*/quit/opt_out
    /optout
    ; not before by/at/for/in/the/lying/worrying/asking/being/and_smell/eating/drinking
what_part_of/which_part_of <stop>/no/unsubscribe/leave_me_alone
do_you_not/dont_you/cant_you/do_u_not understand/read/comprehend <stop>/no/english/the_word
how_many_times ..5 <stop>/unsub*/quit/no/tell_you/ask_you/opt_out
| (<lead>)* cease/desist/discontinue/halt/quit_it/knock_it_off/cut_it_out/block/blocked/blocking
    /reported/harassment/unwanted/remove/removed/removal/delete/deleted/erase/rmv/opt/opt_off
    /take_off/dnc/spam/unsub/unfollow/no_contact/please_no/blocked_and_reported/reported_and_blocked
    /report_junk/deleted_and_blocked/blocking_you/end_this/end_it_now/piss_off/end_thread
    /kill_thread/kill_this_thread/end_this_thread/quit_this/remove_name/remove_number/delete_number
    /unsubscribed/final_warning/last_warning/this_is_your_last_warning/marking_as_spam
    /marked_as_spam/marked_as_junk/stop_or_else (<tail>)* |
    ; not in fun
    ; not before ?
| (<lead>)* enough/enough_already/enough_texts/no_more/no_mas/nomas/quit (please/already/now
    /thanks/thank_you)* |
    ; not in fun
    ; not before ?
<please> discontinue/cease/desist/terminate/refrain/unsub*
cease_and_desist/quit_it_with
| (<lead>)* end/quit/cancel (<now>/all/these/this/it/please)* (<texts>) please/now/asap
    /immediately |
    ; not in fun
how (do/can/could/to/would) (i/we/you/one) (even) turn/shut/switch
    (it/this/these/them/texts/messages/that/the_texts/off)* off |
how (do/can/could/to/would) (i/you/one) (even) end/cancel/stop/quit/block/kill these/this |
how/way (do/can/could/would/to/does/is/for_me) (i/one/u/you/me) (even/possibly/please/to/get_you
    /get_yall/get_them)* stop/block/end/cancel/quit/get_off/get_out_of/get_rid_of/get_removed
    /get_me_off/to_stop/turn_off/unsub*/disable ..2 <texts>/these/this/list/lists/stop/it_stop
    /texting/receiving
    ; not before train/bus/bill/war/tax
any_way/want/trying/need/like to stop (<which>)* <texts>
how/where (do/can/would/to) (i/one/u) get_off/unsub*/stop_this/stop_these/make_this_stop
    /make_it_stop/make_these_stop/opt_out (of_this/of_these/please/this/these/now) |
| how_to/how_do_i/how_do_you/how_can_i/where_do_i unsub*/opt_out/optout/get_out |
how_to/how_do_i/how_can_i <stop> |
how (do/can) (i/we) (even) get you/yall/you_people/you_guys to <stop>/quit
"""
