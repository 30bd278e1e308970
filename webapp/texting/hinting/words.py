"""The words that the English rules know by name, in the language of `phrases`."""

# A name may use the names above it. Mistyped forms stand here where no single slip explains them.
WORDS = """
insult: asshole/assholes/creep/creeps/freak/freaks/idiot/idiots/moron/morons/jerk/jerks/loser/losers
    /clown/clowns/scammer/scammers/spammer/spammers/weirdo/weirdos/bozo/dumbass/jackass/bitch
    /bitches/fool/fools/pervert/people/scum/bastards
# What else people are on the lists of, opt out of or cancel: no matter of texts.
elsewhere: absentee*/ballot*/mail_in/vote_by_mail/by_mail/petition*/roll/rolls/registration/medic*
    /insurance/union/vaccin*/testing/test/tests/hoa/netflix/cable/hulu/shift*/canvass*/schedule
    /sign/signs/rsvp/event*/phone_bank*/phonebank*/donation*/contribution*/committee/law/program
    /saturday*/sunday*/monday*/tuesday*/wednesday*/thursday*/friday*/voucher*/school*/volunteer*
    /district/jury/newspaper/magazine/gym/social_security/healthcare/health_care/ride/rides/carpool
please: please/pls/plz/plse/pleas/plese/pleese/kindly/por_favor/svp
stop: stop/stawp/stopp/sstop/stp/sotp/stpo/stip/stap/stahp/dtop/xtop/wtop/stob/syop/srop/stoo/tsop
    /stops
    /stpp/sttop/stopo/stopl/dstop/stlp/sgop
halt: <stop>/quit/qiut/cease/halt/desist/discontinue/refrain_from/lay_off/knock_off/avoid
halt_or_so: <halt>/sto/atop/stoop/sop/spot/top/quite/quiet/quit_with/enough_with/no_more
texting: texting/txting/txtng/txtn/textn/texing/textin/txtin/messaging/messagin/msging/msgn
    /contacting/spamming/harassing/harrassing/harrasing/bothering/bugging/pestering/annoying
    /soliciting/stalking/smsing/dming/emailing/blowing_up/hitting_up/hitting_me_up/blowing_me_up
    /pinging/ringing/buzzing/dinging/hounding/reaching_out/calling_and_texting/calling_or_texting
    /bombarding/blasting/flooding/trying_to_contact/trying_to_reach/communicating/sending_texts
    /sending_messages
texts: texts/text_messages/text_msgs/messages/msgs/msg/sms/txts/txt/text_message/texting/messaging
    /communication/communications/correspondence/solicitation/solicitations/contact/notifications
    /alerts/emails_and_texts
junk: crap/shit/junk/spam/stuff/garbage/nonsense/bs/bullshit/trash/things/propaganda/political_ads
    /ads
text: text/texts/txt/tex/texr/tezt/tect/txet/teext/message/msg/mesage/contact/sms/bother/bug/spam
    /harass/solicit/pester/disturb/annoy
me: me/us/this_number/this_phone/my_phone/my_number/my_cell/here
mine: my/this/our/his/her/their/my_cell/my_phone/my_cell_phone/this_phone/this_cell/my_personal
    /my_contact/my_mobile/my_old/my_work/my_wifes/my_husbands/my_sons/my_daughters/my_moms
    /my_mothers/my_dads/that/the_following
number: number/name/info/information/contact/contacts/phone/cell/data/details/digits/line/no
    /record/records
my_number: <mine>_<number>/my_name_and_number/my_contact_info/my_contact_information
kin: mother/mom/mum/dad/father/wife/husband/son/daughter/grandma/grandmother/grandson/parents/kid
    /kids/child/children/family/sister/brother/elderly_mother/poor_mother/house/home/wifes_phone
    /daughters_phone
again: again/agn/nomore/no_mo/anymore/any_more/no_more/ever/ever_again/at_all/any_longer
    /again_please/anymore_please
now: now/right_now/immediately/asap/already/right_away/today/at_once/forever/for_good/permanently
    /completely/altogether/for_the_last_time/once_and_for_all
gush: omg/omfg/oh_my_god/aw/aww/oh/ah/girl/bestie/haha/hahaha/lol/lmao/lmfao
which: politics/politician/voting/voter/voters/dumb/lame/all/of/the/these/this/those/your/ur/you/any
    /more/further/future/political/campaign/annoying/constant/stupid/damn/unwanted/unsolicited
    /incoming/random/bullshit/sending/getting/receiving/me/us/with/w/wit/these_damn/fucking
    /freaking/such
    /so_many/all_these/all_of_these/all_this/other/automated/mass/election/fundraising
list: list/lists/lsit/lst/lits/ist/database/data_base/db/system/roster/records/contacts/contact_list
    /directory/registry/distribution/distro/rotation/mailing_list/call_list/text_list/texting_list
    /phone_list/text_thread
your_list: list/your_<list>/ur_<list>/you_<list>/youre_<list>/yur_<list>/this_<list>/the_<list>
    /these_<list>/all_<list>/any_<list>/that_<list>/every_<list>/whatever_<list>/all_your_<list>
    /all_of_your_<list>/any_and_all_<list>/their_<list>
dont: dont/do_not/dnt/donot/don_t/don_._t/do_nt/do_no/doont/dont_you/do_not_you/dont_ever/never_ever
not_subject: you/u/ya/he/she/they/we/i/who/why/if/people/guys/ppl/girls/it/that/did/does/has/had
    /is/was/am/are/would/could/should/still/please_but_i/and_they/so_i/just_i
leave: leave/leav/leve
alone: alone/alon/alome/aloen
off: off/iff/of/oof
policy: tax/taxes/bill/law/plan/deal/war/measure/referendum/levy/merger/budget/cut/cuts
later: until/till/til/before/while/when/whilst/right_now/now/today/tonight/tomorrow/yet/so_early
    /so_late/at_work/at_night/at_#/in_class/after_#/after_work/after_dinner/after_school/during
    /if_its/unless/about_it/about_that/about_the/im_at/im_in/im_on/ill/on_fb/on_facebook/on_insta*
    /on_whatsapp/on_messenger/back/names/and_driv*/n_driv*/this_early/this_late/im_busy/im_asleep
    /first/later/because_im/because_i_am/here_use/at_this_hour
others: him/her/them/your_ex/your_mom/his/my_ex/my_boyfriend/my_girlfriend/your_boss/each_other
    /strangers/boys/girls
lead: 🛑/🚫/⛔/✋/omg/omfg/ugh/geez/jeez/yikes/aww/aw/lord/oh_my_god/um/uh/well/period/once_more
    /thats_it/please/pls/plz/kindly/you_can/u_can/ffs/fgs/for_fucks_sake/for_gods_sake/ok/okay/just
    /now/hey/hi/hello/no/nope/yo/ugh/seriously/dude/bro/sir/maam/guys/yes/and/so/omg/thank_you
    /thanks/sorry/fucking/already/again/i_repeat/then/but/can_you/can_u/could_you/could_u/will_you
    /would_you/would_u/can_yall/will_yall/can_you_people/can_you_guys/will_you_people/you_need_to
    /u_need_to/you_have_to/you_must/you_should/you_guys_need_to/you_people_need_to/you_all_need_to
    /yall_need_to/i_need_you_to/i_said/i_say/said/i_already_said/ive_said/i_have_said/i_texted
    /i_replied/i_typed/i_wrote/i_told_you_to/i_told_you_guys_to/i_told_you_people_to
    /i_told_you_all_to/ive_told_you_to/i_asked_you_to/ive_asked_you_to/i_have_asked_you_to
    /i_already_asked_you_to/i_already_told_you_to/i_keep_asking_you_to/i_want_you_to/i_want_this_to
    /i_want_these_to/i_want_it_to/im_asking_you_to/i_am_asking_you_to/i_beg_you_to/im_begging_you_to
    /im_not_interested/i_am_not_interested/not_interested/no_thanks/no_thank_you/no_ty/wrong_number
    /wrong_person/how_many_times_do_i_have_to_say/do_i_have_to_say/i_have_to_say/when_will_you
    /when_will_this/when_will_these/when_will_it/make_it/make_this/make_these/make_them
    /make_these_texts/make_the_texts/make_these_messages/for_the_last_time/for_the_#th_time
    /for_the_tenth_time/for_the_hundredth_time/for_the_third_time/for_the_love_of_god/once_again
    /that_is/thats/moved/i_moved/deceased/not_voting/voted/i_voted/i_already_voted/already_voted
    /spam/not_me/you_people/you_all/yall/people/i_mean/would_you_please/could_you_please
    /can_you_please/pretty/i_would_like_you_to/id_like_you_to/im_done/not_today/not_here/i_dont_care
    /i_live_in_canada/nah/good_lord/jesus/jesus_christ/bot/ma_am/i_mean/who_cares/enough_is_enough
    /lady/sir_or_maam/folks/im_serious/one_more_time/damn_it
tail: 🛑/🚫/⛔/✋/x/period/and_thanks/and_thank_you/very_much/with_a_capital_s/already/<insult>
    /man/lady/girl/homie/buddy/pal/boss/honey/with_all_this/with_all_of_this
    /you_<insult>/u_<insult>/please/pls/plz/bot/bots/robots/it/this/that/thanks/thank_you/ty/thx
    /everything/twice/again/ok/okay/dammit/damn_it/sir/maam/bro/dude/yesterday/last_week/last_month
    /last_time/before/doing_this/doing_that/and_desist/i_mean_it/seriously/<now>/remove_me
    /unsubscribe/unsubscribe_me/unsub/quit/end/cancel/opt_out/optout/stop/with_this/all_of_it
    /all_of_this/multiple_times/several_times/many_times/three_times/two_times/five_times/four_times
    /#_times/a_million_times/you/this_nonsense/this_crap/this_shit/this_bs/this_bullshit/this_spam
    /this_harassment/this_garbage/with_this_crap/with_the_nonsense/and_delete_my_number
    /and_remove_me/lord/god/jesus/im_not_interested/not_interested/sending/wrong_number
    /your_bullshit/your_nonsense/your_harassment/now_please/me/leave_me_alone/folks/people/guys/yall
tell: fcc/fec/election_commission/elections_commission/board_of_elections/election_board/ftc/tcpa
    /police/cops/authorities/attorney_general/my_carrier/carrier/bbb/better_business/phone_company
    /verizon
third_person: i/he/she/it/they/who/him/her/them/cant/cannot/couldnt/i_will/wont/wont_ever
    /wont_even/doesnt/didnt/wouldnt/never/did_you/had_to/he_should/she_should/they_should/him_to
    /her_to/them_to/everyone_to/i_should/i_must/i_had_to/i_need_to/dont/do_not/not/to_not/ill
    /i_have_to/gotta/i_gotta/got_to/lets/im_gonna/trying_to/tried_to
"""
