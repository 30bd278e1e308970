"""Requests to stop in Spanish, French and Portuguese, and a little beyond."""

WORDS = """
mensajes: spam/acoso/mensaje/mensajes/texto/textos/sms/mensajitos/llamadas/mensajes_de_texto
    /propaganda/msjs
    /msj
manden: escriba/escriban/escribas/escribir/mande/manden/mandes/mandar/envie/envien/envies/enviar
    /textee/texteen/textees/textear/textie/contacte/contacten/contactes/contactar/llame/llamen
    /llames/llamar/moleste/molesten/molestes/molestar/marque/marquen/busquen/busque/escribirme
    /mandarme/enviarme/molestarme/llamarme/contactarme/textearme/mensajeen/mensajear/spameen
    /fastidien/jodan/chinguen/chingar/joder/escribiendo/mandando/enviando/molestando/fastidiar
    /fregar/llamando/texteando/mandarnos/enviarnos/mandarles/estar_mandando/estar_molestando
    /incluyan
mas: mas/mas_por_favor/nunca_mas/nunca/jamas/otra_vez/de_nuevo
ahora: ahora/hasta/cuando/tonto/tonta/hoy/manana/asi/la/el/foto/fotos/esta_noche/antes/tarde/loco
    /loca/todavia/aun/si/a/al/letrero/carta
borre: quite/quiten/quita/quitar/saque/saquen/saca/sacar/borre/borren/borra/borrar/elimine
    /eliminen/elimina/eliminar/remueva/remuevan/remover/retire/retiren/retirar/desuscriba/borren
    /tache/tachen
borreme: quiteme/quitenme/quitame/quitarme/saqueme/saquenme/sacame/sacarme/borreme/borrenme
    /borrame/borrarme/elimineme/eliminenme/eliminame/eliminarme/remuevame/remuevanme/retireme
    /retirenme/desuscribame/desuscribanme/quitenos/quitennos/saquennos/quitarnos
courtesy: por_favor/ya/gracias/favor/porfa/porfavor/si/no/senores/oigan/oiga/hola/pues/pls
    /ya_por_favor/amigo/con_esto
textos: message/messages/texto/textos/sms/texte/textes/msg/vos_messages/ces_messages/appels
svp: svp/stp/sil_vous_plait/sil_te_plait/s_il_vous_plait/s_il_te_plait/merci/maintenant/ca/tout
    /deja/tout_de_suite/non
"""

SPANISH = """
# no me escriban más, ya no me manden mensajes, dejen de molestar
no me/nos (vuelva_a/vuelvan_a/vuelvas_a/esten/este/sigan/siga) <manden> ; not before <ahora>
no (vuelva_a/vuelvan_a/esten/sigan) molesten/molestar/molesten/escriban/texteen/manden/envien
    /llamen/contacten/contactar (<mensajes>/<mas>/por_favor/mas_<mensajes>) |
no vuelva_a/vuelvan_a/vuelvas_a <manden>
no vuelva_a/vuelvan_a escribir/mandar/enviar/contactar/llamar/molestar
| (<courtesy>)* no insista/insistan/insistas (<courtesy>)* |
(me_tienen/estoy/estamos/ya) harto/harta/hartos/cansado/cansada ..2 de/con sus/tus/estos/los
    /tantos <mensajes>
no molesten/molestar/escriban/texteen/manden/envien/llamen/contacten <mas>
no <manden> (nada/mas/mensajes/textos/sms)* a este/mi/nuestro numero/telefono
| (<courtesy>)* no (me/nos)* moleste/molesten/molestes/molestar/mande/manden/mandes/escriba/escriban
    /escribas/textee/texteen/envie/envien/contacte/contacten/fastidien/jodan/chinguen
    (<courtesy>)* |
no sigan/siga/sigas/continuen/continue (con)* <manden>/molestando/fastidiando/escribiendonos
    /jodiendo/chingando/los_<mensajes>/sus_<mensajes>
no quiero/necesito/queremos nada de/con ustedes/esto/ud/uds
ya (les/te/le/os) dije que no |
fallecio/murio/fallecido/fallecida/muerto/difunto/difunta ~6 paren/pare/stop/alto/quiten/borren
    /quite/borre/eliminen/saquen/basta
no (esten/este/sigan) molestando |/por_favor/a/mas
(como/puedo) (me/puedo)* salgo/salirme/dejo_de/dejar_de de/recibir (esta/la/estos/los/sus)* lista
    /<mensajes>
alto/stop/basta/ya_basta/ya_estuvo/ya_estuvo_bueno/suficiente (ya) a/al/con/de/el/los/ya_con (los
    /estos/sus/tantos) <mensajes>
voy_a/vamos_a/voy_ha reportar/denunciar/bloquear este/su/esto/los/este_numero
    ; not before bache*
no pedi/solicite/autorice/pedimos (recibir)* (estos/sus/esto/ningun/los)* <mensajes>/recibir/esto |
| (<courtesy>)* no/cero/nada_de <mensajes> (<courtesy>)* |
deje/deja/dejen/dejar/dejad/dejenme/dejame/dejeme/dejenos/dejennos/dejes (ya) de ..2 <manden>
deje/deja/dejen/dejar/dejad/dejes (ya) de me/nos/estar <manden>
| (<courtesy>)* deje/dejen (ya) de <manden>/fastidiar/chingar/joder (<courtesy>)* |
dejenme/dejame/dejeme/dejennos/dejanos/dejenos/dejadme (ya) en_paz/tranquilo/tranquila/tranquilos
me/nos dejen/deje/dejas/dejan/deja (ya) en_paz/tranquilo/tranquila
no (quiero/deseo/reciba/recibir/me_manden/mande/manden/envien) ..2 mas <mensajes>
| (<courtesy>)* no_mas/ya_basta/basta/basta_ya/nomas/ya_no_mas (<courtesy>)* |
    ; not before de_imp*
no_mas/basta_de/ya_no_mas/suficientes <mensajes>
no quiero/deseo/queremos/quisiera/necesito/autorizo/acepto ..4 <mensajes>/recibir/recibirlos
    /recibirles/contactado/contactada/contacto
no quiero/deseo/queremos/quisiera/necesito que me/nos <manden>
ya_no quiero/deseo/necesito/me ..3 <mensajes>/recibir/<manden>/sus_textos
no_me_interesa/no_estoy_interesado/no_estoy_interesada ..2 no/dejen/borren/<mensajes>/recibir
# quítenme de la lista, borren mi número, quiero darme de baja
<borreme> ; not before eso/la/el/esa/los
<borre> (ya/por_favor)* este/mi/mis/nuestro/el/ese numero/telefono/nombre/datos/celular/contacto
    /cel/informacion
    ; not after no/no_se
<borre> de su/la/esta/tu lista
dar/dame/darme/denme/deme/doy/darse/dado/den/darnos (me) de baja
desuscri*/desinscri*/desubscri*/dessuscri*/dessubscri*
cancele/cancelen/cancelar/anular/cancela/cancelo/cancelen_mi/anulen (la/mi/los/mis/estos/sus
    /esta)* suscripcion/subscripcion/<mensajes>
salir/salirme/saquenme/fuera/quiero_salir de la/esta/su/sus lista/listas
| (<courtesy>)* pare/paren/alto/parar/stop/cancelar/pare_ya/para_ya/detenganse/detenga/cesen
    /suficiente/terminar/cancelen por_favor/ya/gracias/porfa/porfavor/con_esto/esto/de_una_vez
    (<courtesy>)* |
| (<courtesy>)* paren/detenganse/cesen/dejenme/desuscribir/baja/cancelen/parenle/parale
    /cancelar/cancela/cancele/detener/detenga/detengan/salir/terminar/finalizar
    (<courtesy>)* |
por_favor/ya/porfavor/favor_de paren/pare/alto/parar/stop/cancelar/deje_de/dejen_de/no_mas
    /no_enviar/no_mandar/no_llamar/no_molestar |
favor_de/por_favor/porfavor no <manden>
pare/paren/para/parar/parenle/parale/detengan/cesen/basta (ya) de ..1 <manden>/<mensajes>
pare/paren/detengan/detenga/cesen (ya) (con)* los/sus/tus/estos/con_los/con_sus/con_estos
    <mensajes>
no autorizo/autorice/doy_permiso/di_permiso/he_autorizado/les_di/les_he_dado/tienen_permiso
    /tiene_permiso
los/les/te/lo/la (voy_a/vamos_a)* reportar/reporto/reportare/denunciar/denuncio/denunciare
    /bloquear/bloqueo/bloqueare/demandar/demandare
estas/estan/esta/queda/quedan bloqueado/bloqueados/bloqueada/reportado/reportados
esto_es/es/eso_es acoso | ; not after no
chinga_tu/chinguen_a/vete_a_la/vayanse_a/larguense/largate/no_chinguen/vete_al/no_jodan/vayanse_al
    /chinga_a/que_te_den
numero_equivocado no/dejen/borren/borre/elimin*/quit* ; not before se/hay/soy
"""

FRENCH = """
# arrêtez de m'envoyer des textos, ne m'écrivez plus, retirez-moi de votre liste
arrete/arretez/arreter/cessez/cesse/cesser (svp/stp/donc/maintenant/tout_de_suite/sil_vous_plait)*
    (de/d/avec/tous)* (me/m/nous) envoyer/menvoyer/texter/metexter/mecrire/ecrire/mappeler/appeler
    /contacter/spammer/mharceler/harceler/deranger/mimportuner/importuner/membeter/embeter
    /emmerder/memmerder/solliciter/denvoyer/decrire/les_<textos>/ces_<textos>/vos_<textos>
    /tes_<textos>/<textos>/denvoyer/de_menvoyer/dappeler
| (<svp>)* arrete/arretez/cessez/arretez_ca/arretez_tout/arrete_ca/ca_suffit/desabonner
    /desinscription/desabonnement (<svp>)* |
stop svp/stp/sil_vous_plait/sil_te_plait/merci/les_<textos>/aux_<textos>/vos_<textos>
ne_plus/de_ne_plus/plus (me/m/nous/jamais)* envoyer/menvoyer/contacter/mecontacter/texter/ecrire
    /mecrire/appeler/mappeler/deranger/solliciter
    ; not after peux/peut/pouvez/je_ne_peux
merci/priere/veuillez/svp de/d/ne (ne/plus/pas/me/m)* arreter/darreter/contacter/envoyer/menvoyer
    /texter/cesser/supprimer/retirer/enlever
merci darreter
ne (me/m/nous) texte/textes/textez/texter/ecris/ecrivez/ecrire/envoie/envoyez/envoyer/contacte
    /contactez/contacter/appelle/appelez/appeler/derange/derangez/deranger/harcelez/importunez
    /embetez/sollicitez/mecrivez/mecris/menvoyez/menvoie/mappelez/mappelle/mimportunez/membetez
    plus/pas/jamais (plus)
me/ne_me/nous contactez/textez/derangez/harcelez/contacte/texte/sollicitez plus/pas/jamais
mecrivez/menvoyez/mappelez/mecris/menvoie/nenvoyez/necrivez/nappelez plus/pas/jamais
plus de/d/aucun/aucuns/jamais_de <textos> ; not after un/le/ai/beaucoup/encore/a/et/peu
aucun_autre/plus_aucun <textos>
laisse/laissez/laisser/lachez/lache moi/nous tranquille/tranquilles/en_paix/la_grappe
fichez/foutez/fiche/fous/foutre moi/nous la paix
foutez_le_camp/degagez/degage/allez_vous_faire/va_te_faire/vas_te_faire/ta_gueule
retire/retirez/retirer/enleve/enlevez/enlever/supprime/supprimez/supprimer/rayez/effacez/efface
    /otez/sortez (svp)* moi/nous/me/mon_numero/mon_nom/mon_telephone/mon_contact/mes_coordonnees
    /mes_donnees/mes_infos/ce_numero/le_numero/mon_numero_de
me/etre/de retirer/enlever/retire/retiree/enleve/supprime/desabonner/desinscrire de_votre/de_la
    /de_cette/de_vos/|
desabonne*/desinscri*/desabonner
veux/souhaite/desire/voudrais/veut/aimerais/voulons plus/pas/ne_plus/ne_pas/plus_jamais ..3
    recevoir/<textos>/etre_contacte/etre_contactee/etre_sollicite*
mauvais_numero (svp/merci)* arretez/stop/retirez/supprimez
cest_du/ceci_est_du/cest_de harcelement/du_harcelement/la_harcelement
je_vais_vous/je_vous (bloque/bloquer/signaler/signale/denoncer/denonce)
"""

OTHERS = """
# Portuguese
pare/parem/para/parar de (me/nos) mandar/enviar/escrever/ligar/incomodar/contatar/mandar_mensagens
    /perturbar/encher
nao me/nos mande/mandem/mandes/envie/enviem/escreva/escrevam/ligue/liguem/contate/contatem
    /incomode/incomodem/perturbe/perturbem (mais)
me tire/tira/tirem/remova/remove/exclua/retire/retira da/desta/dessa/de
remova/exclua/apague/tire/retire/removam (me/o/por_favor)* meu/este/o_meu numero/nome/contato
    /telefone
me deixe/deixa/deixem em_paz
nao quero (mais)* receber/mensagens/mais_mensagens/suas_mensagens
sair da/desta lista
chega/basta de mensagens/mensagem/textos/sms
descadastr*/cancelar_inscricao/quero_sair_da_lista
# Vietnamese, Haitian Creole, Italian, German
dung/khong nhan_tin/gui_tin/lien_lac/goi
pa voye/ekri (mwen) (mesaj/teks)
sispann voye/ekri
smettetela/basta_messaggi/non_scrivetemi/cancellatemi
keine nachrichten/sms (mehr)
hort/hoeren/hor auf
"""
