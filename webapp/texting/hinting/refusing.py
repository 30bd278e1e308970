"""Refusals that ask for no more texts: leave me alone, I never signed up for this."""

REFUSING = """
# leave me alone, no more texts, I don't want these
<leave> me/us/this_number/this_family/my_<kin>/my_phone/my_wife/my_poor_<kin> (the/hell/fuck/heck/tf
    /f)* <alone>/be/in_peace
    ; not after dont/do_not/never/didnt/not/he/she/they/dont_ever/wont_you
    ; not before at_the/with
| (<lead>)* <leave> people/voters/folks/everyone/these_people (the/hell/fuck/heck/tf/f)* <alone>
    (<tail>)* |
leave me/us/<my_number> out_of/off/off_of this/it/these/your/ur/whatever/all (<list>/texts
    /messages) |
    ; not in fun
no_more/no_further/no_additional/no_future/no_unwanted/zero/want_no/want_no_more/want_no_further
    /without_any_more (<which>/stupid/text/ads/calls_or/calls_and/texts_or/texts_and)* <texts>
    /calls/political_texts/campaign_texts/solicit*
    ; not after have/had/got/are/were/is/was/with/received/there/been/has/i
    ; not before left/yet/since/today/so_far/cards/lenses/sports
| (<lead>)* no/nomore/zero/none_of_your (<please>/political/campaign/spam/more/unsolicited)* texts
    /text/txt/txts/texting/messages/msgs/sms/contact/soliciting/solicitors/solicitations
    /calls_or_texts/texts_or_calls/text_messages (please/pls/plz/thanks/thank_you/ever/me/or_calls
    /or_messages/anymore/again/at_all/to_me/to_this_number/here/i)* |
no_more of_these/of_this/of_your/these (texts/messages) |/please/thanks/ok
<dont>/doesnt/didnt/did_not/never/no_longer/not/wouldnt/would_not/rather_not/prefer_not/refuse
    /neither/cant_stand/hate/no_desire/no_interest/no_wish/not_going (really/even/ever/at_all/to
    /in)* want/wanna/wish/care/like/need/desire/ask/asked/agree/agreed/consent*/sign_up/signed_up
    /subscribe*/appreciate/interested/looking/authorize/authorized/welcome/opt_in/opted_in
    /request* (to/in/for/be/get/getting/receive
    /receiving/having/have/with/by/from/on/via/my_number/any/anymore/<which>/no/being/a)* texts
    /text_messages/messages/msgs/sms/txts/texted/messaged/contacted/contact/solicited/spammed
    /texting_me/texts_from/political_texts/campaign_texts/communication/communications
    /solicitations/on_<your_list>
    ; not after he/she/they/we_dont_know/if/why/you/u
    ; not before of_the/<others>/while/and_driv*/to_wait/from_my/from_her/from_him
| (<lead>)* i/we dont/do_not/never/cant accept/take/do/answer (any/political/campaign/unsolicited
    /random)* <texts>/solicit*
want/prefer no/zero (<which>)* contact/<texts>/communication |/from_you
rather_not/prefer_not/should_not/shouldnt/cannot/not_to/no_longer/refuse_to/never_to/hate_to
    /not_going_to/wouldnt/dont_accept/do_not_accept be/get/getting/receive/receiving/accept/take (to
    /in/for/be/any/<which>/by/on/via)* texts/text_messages/messages/msgs/sms/txts/texted/messaged
    /contacted/solicited/spammed/communications/solicitations/contact
    ; not after he/she/they/if/why/you/u
no_need/reason for/to (<which>/continue/send/any/be)* <texts>/text_me/contact_me
    ; not after got/see/have_i
do_without/unwanted/unsolicited/hate/stand (getting/receiving)* (<which>)* <texts>/text |/from_you
    /remove/and
    ; not after i_got_an/is_this_an
hate/tired_of/sick_of/done_with/over getting/receiving these/this/them |/from_you/every
getting/sending/texts/messages/texting ..6 dont/do_not want/need/like them/it
dont/do_not want/need/like (any_of/any/more/any_more/all/of)* your/ur <junk>/<texts>/politics
    /campaign
dont/do_not want anything/nothing/something from/to_do_with you/your/this/ur/yall
no_interest in (<which>/receiving/getting)* <texts>
<dont>/no_longer/never/not/didnt/did_not/not_looking want/wanna/wish/care/ask/asked/need
    /interested/like/appreciate/enjoy (in/to/for/be/get/getting/receive/receiving/see/seeing/have
    /any/any_more/more/of/on)* these/those/this/your_texts/your_spam/your_crap/being_texted
    /getting_texted (texts/messages/anymore/any_more/please/on_my_phone/coming/at_all) |/please
    /anymore/and/stop
    ; not after he/she/they/why/you
<dont>/do_not/no_longer/not/didnt want/wish/care/wanna/interested (in/to)* receive*/receiving
    /hear_from_you/hear_from_your/hear_from_this/hear_from_any/hearing_from_you/hear_anything
    /hear_anymore/hear_more/be_bothered/be_part_of_this/be_part_of_your/be_contacted/be_texted
    /be_harassed/any_part_of_this/any_part_of_your/be_on_your/be_on_this/be_on_a_list/you_texting
    /you_to_text/you_contacting/you_to_contact/people_texting/anyone_texting/your_campaign_texting
    /any_of_this/you_to_have_my/you_having_my
    ; not after he/she/they/why/you
didnt/did_not/never/dont_remember/dont_recall/havent/have_not/wasnt/not ..2 sign_up/signed_up
    /sign_up_4/signing_up/sign_on/subscribe/subscribed/ask/asked/agree/agreed/consent/consented
    /opt_in/opted_in/request/requested/authorize/authorized/opt_into/opted_into (for/to/in/get
    /getting/receive/receiving/be/any_of/any/being/you_for/you_to/yall_for)* this/these/that/it/your
    /ur/text*/message*/sms/texted/contacted/messaged/texts/spam
    ; not about <policy>
    ; not before saturday/sunday/monday/friday/week/petition/war
| (<lead>)* i/we (have/never/clearly)* didnt/did_not/never/havent/dont (ever/have/even)* opt_in
    /opted_in/subscribe/subscribed/consent/consented/opt_into_this/give_consent/gave_consent
    /give_permission/gave_permission/sign_up_for_anything (to_this/to_any) |
didnt/did_not/never/dont/do_not/without/no/not/nobody/noone/who ..4 permission/authorization
    /authorized/consent/approval/right/rights to/for text/contact/message/call/use/have/send/texts
    /these/receive*/texting/messages/messaging/this/any
permission/consent for you to <text>/call/use/have
nobody/noone/no_one (here/ever)* signed_up/asked/agreed (to/for) this/these/that |
who_gave/who_told (you/u/yall) permission/you_could_text/to_text/you_to_text
without my/any/prior (express/written/prior/explicit)* consent/permission/authorization
    ; not before they/he/she/the
never/didnt/did_not gave/give/given you/u/anyone/yall (guys/people) my/this_number/the_number
    /permission/consent/the_right
do_not/dont/did_not/didnt/never/not consent/consented (to) this/these/be/text*/receiv*/message*
    /your/any/being/contact*/it/getting
do_not/dont/did_not/didnt consent/authorize | ; not before ?
revok*/withdraw*/rescind*/retract* (my/any/all/the/prior/previous/whatever/your)* consent
    /permission/authorization
consent/permission (is/has_been/hereby/was/to_text_me/is_hereby)* revoked/withdrawn/denied
    /rescinded
tired/sick/done/through/over/finished/fed_up/enough/too_many/unwanted/unsolicited/bombard*/inundated
    /flood*/annoyed/over_it/overwhelmed/hate/hating (and/tired/sick/of/with/by/getting/receiving
    /being/from_you/you/yall/you_guys/you_people/these_people/<which>)* texts/text_messages/messages
    /msgs/texted/messaged/contacted/spammed/txts/spam_texts/texting_me/messaging_me
    ; not in fun
    ; not about sorry/missed
    ; not before from_the/from_them/from_him/from_her/so_i/missed/in_the_world/to_read/to_answer
        /sorry/of_support/of_love/from_friends/from_my
you (guys/people/all/folks) text/message/contact/send (me/us) (way) too/so much/many/often
texting/messaging me/us (way) too_much/so_much/so_often/every_day/everyday/constantly/nonstop
    /non_stop/daily/at_all_hours
these/your/the/all_these/constant/daily/this (damn/political/constant/campaign/<junk>)* texts
    /messages/text_messages/texting/msgs/spam (are/is/have/r/were/has) (been/so/really/getting
    /very/just/becoming/too/out/extremely/not/now/getting_to_be)* annoying/unwanted/illegal
    /harassing/harassment/ridiculous/excessive/much/unsolicited/intrusive/invasive/welcome/wanted
    /control/unwelcome/spam/disturbing/irritating/bothersome/inappropriate/bothering/stop
not_welcome/not_allowed/not_permitted/not_authorized/no_right/no_business to <text>/call/have
(even/ever/dare) think about texting/contacting/messaging/calling me/us
nothing to do with you/your_campaign/your_organization/this_campaign/these_texts |/please/so/and
    /stop/remove
| (<lead>)* let_me_be/give_it_a_rest/leave_it_alone_and/let_us_be |
notified/told/alerted/informed my carrier
my/the carrier has been notified
fcc complaint
see_you in court
what do/should i text/reply/send/say/type to stop/get_off/opt_out/unsub*/end/cancel/be_removed
go/please text/bother/harass/spam/annoy/bug/pester someone/somebody/anybody/anyone else
text/bother/harass/spam/annoy someone/somebody/anybody else
| (<lead>)* dont/do_not respond/reply/write_back (to_this/to_me/back/again/to_this_text)* |
this/these/it (is/are) (very/so)* unwelcome/unwanted/not_welcome/not_wanted |
| (<lead>)* end/cancel/kill/close (this/the)* conversation/convo/thread/number/chat/this/these |
i/im (am)* done/finished/over (with/getting/receiving)* these/them |
| (<lead>)* this/the/our (conversation/chat) is over |
| (<lead>)* conversation over (dont/do_not)
you do_not/dont/no_longer/never/dont_even have/had my/any consent/permission/authorization
| (<lead>)* no consent/permission/solicitation/solicitations/sms/texts |
this_is_a/its_a work/business/private/personal/office/childs/kids phone/number/line ..2 <dont>
    /stop/not/quit
forward*/reported/sent (this/your/these/the/it/my)* (texts/messages/number)* to (the) <tell>/7726
    /carrier
shove your/these/it/those/them (texts/messages/list/up_your_ass/where)* |
stick your/these texts/messages
deactivate/turn_off/shut_off/block/stop/disable (<which>)* <texts> to this/my
dont_have/do_not_have/need my/our (written/express/prior)* consent/permission/authorization to
    text/contact/message/send/call
    ; not after i/we/do_you
need/get permission/consent to text/contact/message/send
cant/cannot/can_not (just/legally)* <text>/<texting> me/us/people without ; not after i/they/we
this/these/that/it/you/texts/messages (is/are/guys_are/people_are/has_become/getting)* (so/really
    /very/extremely/beyond/super)* annoying (please/now/me/stop/af)* |
you/yall/youre (are/is) (a/such_a/becoming_a/being_a)* nuisance/spammer/spammers/stalker/pest
    /annoyance
this_is/these_are/this_is_becoming/these_texts_are (a) nuisance ; not before ?
| (<lead>)* spammer/spammers/nuisance |
waste*/wasting your/ur time (and_mine) texting/messaging/with_me/on_me/here
7726
respect my privacy/wishes/boundaries
invasion of (my/our) privacy
"""
