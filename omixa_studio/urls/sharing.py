"""What people say of pictures, and what guests and archives get of them."""

from django.urls import path

from omixa_studio.views import (
    comments,
    exports,
    guest_comments,
    guest_files,
    guests,
    links,
    notices,
    origins,
)

PATHS = [
    path("pictures/<number:pk>/comments/", comments.of_picture, name="picture_comments"),
    path("comments/<number:pk>/change/", comments.change, name="comment_change"),
    path("comments/<number:pk>/delete/", comments.delete, name="comment_delete"),
    path("comments/<number:pk>/restore/", comments.restore, name="comment_restore"),
    path("notices/", notices.page, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/<number:pk>/open/", notices.open_one, name="notice_open"),
    path("links/", links.page, name="links"),
    path("links/new/", links.new, name="link_new"),
    path("links/<number:pk>/change/", links.change, name="link_change"),
    path("links/<number:pk>/revoke/", links.revoke, name="link_revoke"),
    path("links/<number:pk>/restore/", links.restore, name="link_restore"),
    path("links/<number:pk>/close/", links.close, name="link_close"),
    path("links/<number:pk>/reopen/", links.reopen, name="link_reopen"),
    path("g/<str:token>/", guests.page, name="guest"),
    path("g/<str:token>/enter/", guests.enter, name="guest_enter"),
    path("g/<str:token>/<number:number>/", guests.picture, name="guest_picture"),
    path("g/<str:token>/<number:number>/file", guest_files.file, name="guest_file"),
    path("g/<str:token>/<number:number>/thumb", guest_files.thumb, name="guest_thumb"),
    path("g/<str:token>/<number:number>/preview", guest_files.preview, name="guest_preview"),
    path("g/<str:token>/<number:number>/comments/", guest_comments.add, name="guest_comments"),
    path(
        "g/<str:token>/comments/<number:pk>/change/",
        guest_comments.change,
        name="guest_comment_change",
    ),
    path(
        "g/<str:token>/comments/<number:pk>/delete/",
        guest_comments.delete,
        name="guest_comment_delete",
    ),
    path("exports/", exports.page, name="exports"),
    path("exports/new/", exports.new, name="export_new"),
    path("exports/names/", exports.names, name="export_names"),
    path("exports/<number:pk>/file", exports.file, name="export_file"),
    path("exports/<number:pk>/delete/", exports.delete, name="export_delete"),
    path("exports/<number:pk>/restore/", exports.restore, name="export_restore"),
    path("origins/", origins.find, name="origin"),
]
