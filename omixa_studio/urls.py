"""The map."""

from allauth.account import views as allauth
from django.urls import path

from omixa_studio.views import (
    account,
    costs,
    files,
    gallery,
    health,
    ladder,
    models,
    offers,
    pauses,
    people,
    pictures,
    runs,
    setup,
    studio,
    unknown,
)

handler400 = "omixa_studio.views.errors.bad_request"

urlpatterns = [
    # The studio
    path("", studio.page, name="studio"),
    path("generations/", studio.submit, name="submit"),
    path("generations/cards/", studio.cards, name="cards"),
    path("generations/composer/", studio.composer, name="composer"),
    path("generations/estimate/", studio.estimate, name="estimate"),
    path("generations/<int:pk>/cancel/", studio.cancel, name="cancel"),
    path("generations/<int:pk>/retry/", studio.retry, name="retry"),
    # Many at once
    path("many/", runs.many, name="many"),
    path("runs/<uuid:pk>/", runs.page, name="run"),
    path("runs/<uuid:pk>/pause/", runs.pause, name="run_pause"),
    path("runs/<uuid:pk>/resume/", runs.resume, name="run_resume"),
    path("runs/<uuid:pk>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<uuid:pk>/final/", ladder.final, name="ladder"),
    path("pictures/<int:pk>/pick/", runs.pick, name="picture_pick"),
    # Pictures
    path("gallery/", gallery.gallery, name="gallery"),
    path("team/", gallery.team, name="team"),
    path("trash/", gallery.trash, name="trash"),
    path("pictures/<int:pk>/", pictures.page, name="picture"),
    path("pictures/<int:pk>/file", files.original, name="picture_file"),
    path("pictures/<int:pk>/thumb", files.thumb, name="picture_thumb"),
    path("pictures/<int:pk>/preview", files.preview, name="picture_preview"),
    path("pictures/<int:pk>/share", pictures.share, name="picture_share"),
    path("pictures/<int:pk>/private", pictures.make_private, name="picture_private"),
    path("pictures/<int:pk>/trash", pictures.trash, name="picture_trash"),
    path("pictures/<int:pk>/restore", pictures.restore, name="picture_restore"),
    path("inputs/<int:pk>/thumb", files.input_thumb, name="input_thumb"),
    # Money
    path("costs/", costs.page, name="costs"),
    path("costs/export.csv", costs.export, name="costs_export"),
    path("unknown/", unknown.page, name="unknown"),
    path("unknown/usage/", unknown.ask, name="unknown_usage"),
    path("unknown/<int:pk>/", unknown.decide, name="unknown_decide"),
    # People
    path("people/", people.page, name="people"),
    path("people/add/", people.add, name="person_add"),
    path("people/limit/", people.limit_of_studio, name="studio_limit"),
    path("people/<int:pk>/role/", people.role, name="person_role"),
    path("people/<int:pk>/limit/", people.limit, name="person_limit"),
    path("people/<int:pk>/password/", people.password, name="person_password"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="person_deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="person_reactivate"),
    path("pause/resume", pauses.resume, name="resume"),
    path("models/", models.page, name="models"),
    path("models/ask/", offers.ask, name="models_ask"),
    path("models/apply/", offers.apply, name="models_apply"),
    path("health", health.ready, name="health"),
    # Accounts: allauth's doors that we use; the other names it reverses lead to ours
    path("setup/", setup.first_admin, name="setup"),
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", allauth.signup, name="account_signup"),
    path("forgotten/", account.forgotten, name="account_reset_password"),
    path("account/", account.mine, name="account"),
    path("account/", account.mine, name="account_change_password"),
    path("account/", account.mine, name="account_set_password"),
    path("account/", account.mine, name="account_email"),
    path("account/", account.mine, name="account_email_verification_sent"),
    path("account/password/", account.change_password, name="change_password"),
    path("account/language/", account.choose_language, name="choose_language"),
    path("account/theme/", account.choose_theme, name="theme"),
]
