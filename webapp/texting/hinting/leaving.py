"""Requests to be taken off a list, to be opted out, and threats with the law."""

LISTS = """
# remove me, delete my number, take me off your list, get this number out of your system
remove/removing/rmv/rm/remve/rmove/remov/delete/deleting/delet/erase/scrub/unlist/purge/unenroll
    /withdraw/strike/scratch/wipe/blacklist/unsign/dlt/clear me/us/<my_number>/mine/from_list
    /from_<your_list>/off_<your_list>/number/name_from/the_number/phone_number/contact
    ; not after dont/never/not/they/he/she/who/did/it/to_your/bots/why_did_you/wants_to
        /when_did_they
    ; not before from_the_group/from_group/from_the_chat/from_the_office/from_the_committee
        /from_the_thread/from_the_team/from_the_schedule/from_the_shift/from_the_role
        /from_the_meeting/from_the_event/from_the_calendar/from_the_voter*/from_office/as
        /from_her_office/from_his_office/from_the_tag/and_add/from_the_petition/from_the_volunteer*
        /from_the_door/from_the_board/on_the
    ; not about <elsewhere>
remove/delete/take_off (number/this/my_number)* # # # |/from/off/please
remove/delete/take/get/drop/scratch/strike ..4 from/off/off_of/out_of your/ur/this/these/all/any
    (<which>)* <list>/phone/list_please
    ; not after dont/not/i/we/can_i
remove/take/taking/get/drop/cross/strike/scratch/let/bump/mark/knock/scrub/x
    me/us/him/her/my_<kin>/them/this_number/<my_number> off
    /from/off_of/out_of the/this/that (<which>/mailing/text/txt/sms/texting/call/contact/phone/sms)*
    list/lists/database/<list>
    ; not after dont/never/not/he/she
    ; not before for/on_mon*/on_tue*/on_wed*/on_thu*/on_fri*/on_sat*/on_sun*
taken/removed/deleted/unsubscribed me/us/my_name/my_number/this_number (off/from/out) |/the/your
    /of/yet/this/that
    ; not before voter*/ballot
    ; not after they/who/was/he/she/accidentally
take/took/get/drop/pull/strike/scratch/leave/cut/keep/kick/put/want/cross/bump/mark/x/knock/scrub
    me/us/<my_number>/mine off
    /off_of/out_of/from your/ur/you/this/these/those/all/any/every/whatever/here (<which>)*
    (<list>/texts/messages/thing/campaign/thread/chain/crap)
    ; not before bus/train/plane/road/committee/shift/team/schedule
    ; not about wait/waiting
cross/scratch/strike/x/let/count me/us/this_number off/out (of_here/of_this/please/now/thanks
    /of_these) |/<texts>
    ; not in fun
mind/possible/wonder*/consider/care/chance_of (you/your/if_you_could/be)* (taking/removing/deleting
    /dropping) me/us/<my_number> (off/from/out)
mind/possible (to_be/being) removed/taken_off/deleted
registered/listed do_not_call/do_not_text/do_not_contact
want/wants/wanted off/out_of this/your/ur/the (<which>)* list/lists
i want out of this/these/your list/lists/thread/texts/<texts>
(to/need/want/gotta) get off list
i (really/definitely) shouldnt/should_not be on this/your/ur/any list/lists
take/taking/tke/get/leave me/us/<my_number>/my_name/number/name/her/him/his_number off (of_it
    /of_this
    /of_there/please/now/thanks/thank_you/asap/immediately/and/it) |
take/get me/us/<my_number>/my_name off/off_of please/now/thanks/thank_you/immediately/asap/i/im
    /your/texts/texting/of_here
take/tke/tak (me/us/my_name/my_number/this_number/number/name) <off> (of) list/<your_list>
want/wanna/wish/need/like/get/getting/be/got/how (to/to_be/to_get/to_come) (taken/removed) off
    (of) your/ur/this/these/all/any/the_text*/the_call*/the_mailing/the_contact/the_sms
    /the_campaign (<which>)* list/lists/texts/messages/mailing_list/call_list
get/want/be/taken/come/came/coming off/off_of your/ur/this/the/any/all list/lists
i/we (just) want/wanted/wish/would_like (to_be/to_get) out/off (please/now/of_this/of_these) |
i/id/we/wed/please/and ..4 be/get/getting/being/been removed/taken_off/deleted/unsubscribed
    /left_alone/unlisted/opted_out
    ; not after see_him/like_him/needs/mayor_needs
    ; not about <elsewhere>
    ; not before from_office/from_the_ballot/from_the_voter*/from_the_rolls/from_voter*
        /from_the_court/from_the_group/from_the_committee/from_power/from_the_team/from_my_home
        /from_their/from_our/from_school*/at_the/when/after/from_the_park/by_the_city
        /from_the_road
asked/asking/request*/want/like/wish/demand/need/please/prefer (to/that_i/that_my_number) be
    removed/taken_off/unsubscribed/left_alone/deleted
    ; not about <elsewhere>
    ; not before from_office/from_the_committee/from_the
have/get/had/want/need/like me/us/<my_number>/my_name/my_number removed/taken_off/deleted/erased
    /unsubscribed
<please> remove/delete (it/this/her/us) |/thanks/and ; not before ?
landline/business/phone/line/number/daughter/son/child ..2 take/remove/delete it/him/her/this (off)
    |
mark/flag/code/list/tag/put me/us/<my_number>/this (number) (as/on/down/a/the/under)* do_not_*/dnc
    /wrong/dont_*
add (me/this/my_number) (to/on) (the/your) dnc/do_not_contact/do_not_text/do_not_call
remove/removed from ..2 <list>/text_list/list |/please/now
    ; not after i/was/were/got/get/been/being/he/she/name
<please> remove/delete/take_off ..1 (from) <your_list>
# opt me out, unsubscribe, do not call list
opt/opted/opting/otp/opts (me/us/this_number/my_number/this_phone/out) out/uot/oit/ot/off/our
    ; not after parents/able_to/is_there_an/an/no/allowed_to/parents_can/kids/teachers/students
        /people/workers/families/members/we/they/district/county/state/schools
    ; not before of/rules/policy/form/forms/rate/window/deadline/law/period/state/bill/clause
        /provision
    ; not about <elsewhere>/early/<policy>
opt/opted/opting/opts (me/us/this_number/my_number/this_phone)* out of these/this/your/all/any/it
    /them/everything/further/future/receiving/getting/the_<texts>/<texts>/political/campaign
    ; not about <elsewhere>/early/<policy>
my/this name/number ..3 off/off_of/from your/the/this/ur (<which>/call/text/mailing)* list/lists
    /database
get/take me/us/<my_number> outta/outa (of) your/ur/this/these/the/here
make_sure/ensure/confirm/verify/see_that/see_to_it (that/you/youve/you_have)* i/im/ive/me/we/my_name
    /my_number/this_number (is/am/be/been/have/has/get/gets)* removed/deleted/taken_off/unsubscribed
    /opted_out/off_<your_list>
    ; not before from_the_voter*/from_the_rolls
confirm/acknowledge/honor (my/the/this)* removal/deletion/unsub*/opt_out
delete/erase/remove/purge all (of)* my data/info/information/records/contact_info
regret/regretting/sorry/shouldnt/should_not/shouldve/wish ..3 giving/gave/given (you/yall/u/out)* my
    number/info ; not after glad
request*/requesting/demand*/process (my/a/an/immediate)* removal/unsub*/opt_out/deletion
removal/opt_out/unsubscribe request
from (your/the/this)* texting/text/call/calling/mailing/contact/phone list |/please/now/thanks
    /immediately
    ; not after got/it/him/her/emails
take/remove/pull this_one/this_# off
take/get/keep/leave me/us/<my_number> off it/this/of_it/of_this |/<now>/please/thanks/and
| (<lead>)* take (off/out) my/this number/name/no (off/out/please)* |
<please> remove/delete/unsubscribe/take_off him/her/them/us (from_<your_list>) |
take/get/pull/keep me/us/<my_number>/this_number off (of_it/of_there) <please> |
<please> (take/pull)* off/out my number/no/name
| (<lead>)* del/delete my_number/plz/please/pls/this_number/me/all |
opt_uot/otp_out/optout/opting_out/opt-out/opted_out/op_tout/opt_put/opr_out/oot_out/opt_ou
    /out_out_of_these/optou/optout*
    ; not before of_the/of_testing/rules/policy/form/of_mail
    ; not about <elsewhere>/<policy>
i (want/would_like/choose/wish/hereby/need)* (to) opt_out
    ; not before of
    ; not about <elsewhere>/early
unsubscribe*/unsub*/un_subscribe*/unscribe*/unsuscri*/unsubcri*/unsubsc*
    ; not before from_cable/from_netflix/from_hulu/from_the_times/from_the_post/from_the_gym
        /from_his/from_her/from_their/from_spotify/my_mom/my_dad
    ; not about <elsewhere>
do_not/dont/no/not call/text/contact/disturb list/registry/register/call_list/text_list
    /contact_list
    ; not after is_there_a
dnc list/registry
do_not_call/do_not_text/do_not_contact/dont_call/no_call list/registry
"""

THREATENING = """
# this is harassment, I'm reporting you, you have been blocked
this/that/it/these/which/thats/its/your/you (is/are/has/have/become/becoming/texts/now/borderline
    /bordering_on/literally/pure/getting/to/be/constitutes/considered/feels/like/as/messages
    /texting/bordering/amounts_to/qualifies_as/a_form_of/just/straight_up)* harassment/harassing
    ; not before immigrants/of/at/people_at/voters/women/in_the
you/u/youre/your/quit/yall (are/guys/people/keep/all/have_been/been/just)* harassing/spamming
    /stalking/bothering/bombarding (me/us/my/people/this_number/voters) |/me/us/my/and/this/people
    ; not before ?
harassing texts/messages/me_with
stop/end (the/this/your/all)* harassment/spamming/harassing (me/now/please/us) |
    ; not after to/bill
i/im/ive/ill/i_am/i_will/we/we_will/going_to/gonna/imma/about_to/have/already/am/be/or/and
    /about_to (will/am/have/be/going_to/gonna/now/just/already/also/definitely/hereby/start)*
    report/reporting/reported/block/blocking/blocked/blocked_and_reported
    /reported_and_blocked/reporting_and_blocking/block_and_report/blocking_and_reporting (you/u
    /your/ur/all_of_you/every/the/this/that/these/it/them/your_phone) (number/numbers/text/texts
    /message/messages/as/to/as_spam/for_spam/for_harassment/ass/organization/campaign)* |/as
    /to_the_<tell>/to_<tell>/and/if/for_spam*/for_harass*/for_unsol*/now
    ; not after he/she/they/who/should/must/it_will/can
    ; not before street/road/pothole/dog/accident/city_hall/income
i/im/ill/i_will/gonna/will/we (will/am/have/going_to/be)* report/reporting/reported/block/blocking
    /blocked/sue/suing you/u/your_number/this_number/your_ass/all_of_you/this_text/these_texts
    /your_organization/your_campaign
report*/complain*/complaint*/file/filed/filing/notify/notifying/violat* ..5 <tell>
    ; not after did_anyone
    ; not before hearing/if_you_see
you/youre/youve/your/ur/u/number/yall (are/have/ve/r/will/is/has/was/number/phone/been/be/being
    /getting/get/now/hereby/all/going_to/just/officially/got)* blocked/reported
    ; not after have/i/he/she/they/if
    ; not before at/by_the/off/the_road/in_by/from_vot*/traffic
marking/marked/flagged/flagging/considered/consider/considering/reported/reporting/report/treated
    /classified (you/this/it/these/your_number/this_number) (as/for/to_be) spam/junk/phishing
    /harassment/a_scam
| (<lead>)* blocking/reporting you/u/this/your/the/all/ur (number/text/texts/message/messages/ass)
    |/as/and/to/for/now/if
| (<lead>)* report/reported/reporting (as/for/to) spam/junk
| (bye/spam/goodbye/ok/later/adios/and/now/nope/no/yep/so/lol/welp/consider_yourself)* blocked
    (bye/goodbye/forever/loser/lol/and_deleted/and_blocked/now)* |
blocked ..3 your number/numbers
number/you/text/texts/this (has_been/is/will_be/was/is_being/are_now/now)* blocked/reported |
i/im/ill/i_will/i_am/am/be/gonna (be/going_to)* contacting/contact the fcc/ftc/fec/attorney_general
    /bbb/my_carrier
    ; not after how_do/can/should/do/did
contacting (the) fcc/ftc/fec/attorney_general about_these/about_this/about_your
have_to/need_to/bout_to/boutta/gotta/finna block/report you/u/this/your/ya
hear_from/contact/contacting/call/calling/speak_to/speak_with/speaking_to/consult/consulting
    /contacted/notify my/our lawyer/attorney
calling/contacting/hiring/getting a lawyer/attorney
ill/i_will/gonna/can/will/we_will/should sue |/you/your/if_you/and/for_harass*
    ; not after they/he/she
my/our lawyer/attorney will/is_going/has_been/knows
i_will/ill/i_am_going_to/im_going_to/gonna/we_will/i_can/i_may/i_might (have_to/be_forced_to)*
    press_charges/take_legal_action/pursue_legal_action/take_action/file_a_lawsuit/file_a_complaint
    /get_a_lawyer/seek_legal/call_the_police/call_the_cops/call_my_lawyer/report_it/report_this
    /file_charges/take_you_to_court
    ; not before if_they/if_he/if_she/the_city/the_county/the_school*/over/them/him/her/my
        /with_the_city/about_the/against_the_city/on_behalf
legal_action/lawsuit/restraining_order/press_charges/cease_desist (will/may/can/could/is
    /against_you/if)
filing/file/filed a complaint/report/charges (with_the_<tell>/against_you/on_you/about_these
    /about_you/if/about_this_number) |
filing/file/filed a complaint/report/charges with_the_<tell>/against_you/on_you/about_these
    /about_you/if_you/about_this_number
i/im/ill/gonna/will (am/will/going_to)* call/calling (the) cops/police/fcc/sheriff
    ; not before on_the/on_whoever/on_him/on_them/on_my/about_the/about_my/if_they
illegal/unlawful/against_the_law/violation (of_the_law/for_you/of_law)* to_text/to_contact/to_send
    /to_message/to_spam/to_use_my
tcpa
this/it/its/thats/texts/just/considered/more/total (is/are/this/considered/like/just/looks_like
    /nothing_but/all)* spam/spamming |
    ; not before ?
    ; not after is/are
you/yall/youre (are/guys/r) (all) spammers/spam/spamming/a_spammer (me/people/us) | ; not after are
| (<lead>/who_is_this/you_can/all_of_you/why_dont_you/u_can/yall_can/you_guys_can)* go_away/get_lost
    /buzz_off/bug_off/bugger_off/back_off/sod_off/beat_it/scram/shoo/take_a_hike/kick_rocks
    /pound_sand/go_pound_sand/drop_dead/get_bent/bite_me/up_yours/shove_it/shove_off/screw_off
    /screw_you/eff_you/eff_u/f_you/f_u/fu/go_to_hell/gfy/gtfo/stfu/shut_up/shut_the_fuck_up
    /shut_the_hell_up/kiss_my_ass/eat_shit/suck_it/kma/rot_in_hell/leave/fuck_you/fuck_u/fuck_ya
    /fuck_you_all/fuck_all_of_you/get_fucked/go_fuck_yourself/get_stuffed/eat_a_dick/suck_my_dick
    /screw_u/kys/go_die/fuk_u/fuck_yall/get_out_of_here/go_tf_away/go_the_hell_away/go_the_fuck_away
    (please/now/already/all/forever/loser/creep/thanks/asshole/clown/idiot/with_this/pls/you/stop
    /guys/people/scammer/scum/alone)* |
    ; not in fun
fuck/f/eff/piss/sod/screw/bugger/jog/feck (right/the_hell/the_fuck/all_the_way/straight) off
    ; not in fun
    ; not after get/got/got_me/so/really/are/was/were/im/arnt/arent/is/be/being/pretty
    ; not before friday/day/work/limits/monday
fuck/screw/f/eff/go_fuck your_self/yourself/urself/yourselves/ur_self
<please> go_away
| (<lead>)* go_away/get_lost/buzz_off (<please>) i/im/we/not/already/you ; not in fun
go_away and/you/we ; not before come
go_fuck/go_screw/go_f/go_eff
"""
