"""What has the words of a request and asks for nothing, or for the contrary.

"Don't take me off the list", "I unsubscribed by accident": what stands here is passed over, and
the rest of the text is read without it.
"""

UNMEANT = """
# don't take me off the list, I don't want to be removed, I did not mean to unsubscribe
dont/do_not/never/not/never_ever/dont_ever/didnt/nobody (go/ever/you/dare/want/ask/asked/said/say
    /told/want_you/need_you/<please>)* (to) take/remove/removing/delete/drop/kick/cross/scratch
    /strike/cut/purge/unsubscribe/unsub me/us/my_name/my_number/this_number (off/from/out/off_of
    /of/out_of)* (<your_list>/your/the/this/texts/updates/mailing/text/contact)*
    ; not after you/u/ya/yall/they/he/she/if/why/who/people/still/guys/we/has/have/and/or
not/dont/do_not/didnt/did_not/wasnt/never (really/actually/even/yet/ever)* mean/meant/want/wish
    /trying/try/asking/ask/asked/looking/going/need/wanting/intend/intending/planning/ready (to)
    (be/get/getting/have_been/accidentally)* unsub*/opt_out/opted_out/opt
    /stop_getting/stop_receiving/stop_hearing/removed/removing/taken_off/dropped/deleted/text_stop
    /say_stop/type_stop/send_stop/reply_stop/hit_stop/cancel/quit/stop (out/off/from/of)*
    (<your_list>/these/the/your/texts/updates/messages/getting/receiving)*
    ; not after you/u/ya/yall/they/if/why/who/people
    ; not before anymore/them/a_list/because/again
dont/do_not/didnt/wouldnt/never want/wanna/need/wanted (to) (get/be/come)* off/out/off_of/out_of
    (<your_list>)*
    ; not after you/u/ya/yall/they/if/why/who
# I don't want you to stop, please don't stop sending these
dont/do_not/didnt/wouldnt want/need/like/ask you/u/yall to stop (texting/sending/the/these/texts
    /messages/updates/me/us)*
<dont>/never (ever/you) stop texting/sending/messaging (me/us/these/the/your/texts/updates
    /messages)*
    ; not after you/u/ya/yall/they/why/if/who/still/people/guys/will/would
# I unsubscribed by accident
accidentally/mistakenly/accident/accidently/unintentionally/inadvertently ..2 unsub*
    /unsubscribe/unsubbed/unsub/opted_out/opt_out/stopped/stop/removed_myself/blocked_you (by
    /mistake)*
unsub*/opted_out/opt_out/stop/removed_myself/blocked_you ..3 accident
    /mistake/accidentally/accidently/oops/mistakenly
    ; not before please_stop/so_stop
unsub*/opted_out/removed/taken_off/dropped/drop_off ..4 add_me_back/want_back/put_me_back/back_on
    /back_in/resubscribe/sign_me_back/re_add
did/has/have/is my/our name/number (still) drop/dropped/fall/fallen/come/gone/on off/from
    <your_list>
# my wife unsubscribed but I like the updates
<kin>/he/she/they/roommate/partner/friend/neighbor/coworker (has/have/already/just/had/all
    /recently)* unsub*/opted_out/texted_stop/said_stop/replied_stop but not_me/id_like/id_love
    /i_like/i_love/i_enjoy/i_appreciate/i_didnt/i_havent/i_did_not/keep_me/i_still_like/i_still_want
    /i_still_love/i_want_to_keep/i_dont_mind/im_still_in/i_am_still_in/i_would_like/im_good
    /im_staying
    /im_fine
# I unsubscribed from the party, opted out of the union
i/ive/we/weve/id/they/he/she (have/had/already/just/even/recently/finally/once/also/all)*
    unsub*/opted_out from/of/to (the/both/all/my/that/his/her/a/their
    /local)* ..1 party/parties/<elsewhere>/netflix/dental/podcast/channel/times/paper/newspaper/post
    /facebook/twitter/youtube/cable/gym/race/insurance
    ; not before text*/message*/list/lists/sms/campaign
unsubscribe/unsub/opt_out from/of ..2 party/parties/politics/election/reality/life/adulthood/year
    /timeline/country/government/taxes ..4 lol/haha*/lmao/jk/rofl
# was my name taken off the voter rolls, who do I report that to
was/were/got/been/being/is/are/getting/name/names/people/voters (was/were/been/not/wrongly
    /illegally)* removed/taken/purged/dropped/deleted/kicked/struck/scrubbed/left/missing off/from
    /off_of/out_of
    ..2 voter/voters/voting/poll/registration/rolls/roll/ballot (list/lists/roll/rolls/file/database
    /registration/registry/records)*
who/where/whom/how/number (do/can/should/would/could/to/did/does/might)* i/we/one/you (even/go_to)*
    report (to/this/it/that/him/her/them/a/the/any/voter/harassment/problems/issues/intimidation)*
    |/at/to/in/broken/problem*/if/when/on
# omg stop I love her
<gush> stop (it)* i/im/ive/this/that/she/he/youre/ur/thats/you/shes/hes/her/his (am/so/just/really
    /literally/are/actually/too/is/absolutely)* love/loved/adore/adored/cant/cannot/crying/dying/cry
    /obsessed/screaming/scream/dead/blushing/cute/hilarious/sweet/funny/amazing/adorable/laughing
    /died/kind/nice/gorgeous/beautiful/perfect/flatter
stop (it)* i/im/ive/this/that/she/he/youre/ur/thats/you/shes/hes (am/so/just/really/literally/are
    /actually/too/is)* crying/dying/obsessed/screaming/blushing/adorable/hilarious/so_cute/too_cute
    /so_sweet/too_sweet/so_funny/too_funny/flatter
see_you/see_ya in court i_mean/haha*/lol/lmao/jk/for_jury/tomorrow/on/monday/tuesday/wednesday
    /thursday/friday/today/next/jury/your_honor/house/room
    ; not before if/stop
"""
