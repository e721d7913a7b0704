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
    path("pictures/<int:pk>/comments/", comments.of_picture, name="picture_comments"),
    path("comments/<int:pk>/change/", comments.change, name="comment_change"),
    path("comments/<int:pk>/delete/", comments.delete, name="comment_delete"),
    path("comments/<int:pk>/restore/", comments.restore, name="comment_restore"),
    path("notices/", notices.page, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/<int:pk>/open/", notices.open_one, name="notice_open"),
    path("links/", links.page, name="links"),
    path("links/new/", links.new, name="link_new"),
    path("links/<int:pk>/change/", links.change, name="link_change"),
    path("links/<int:pk>/revoke/", links.revoke, name="link_revoke"),
    path("links/<int:pk>/restore/", links.restore, name="link_restore"),
    path("links/<int:pk>/close/", links.close, name="link_close"),
    path("links/<int:pk>/reopen/", links.reopen, name="link_reopen"),
    path("g/<str:token>/", guests.page, name="guest"),
    path("g/<str:token>/enter/", guests.enter, name="guest_enter"),
    path("g/<str:token>/<int:number>/", guests.picture, name="guest_picture"),
    path("g/<str:token>/<int:number>/file", guest_files.file, name="guest_file"),
    path("g/<str:token>/<int:number>/thumb", guest_files.thumb, name="guest_thumb"),
    path("g/<str:token>/<int:number>/preview", guest_files.preview, name="guest_preview"),
    path("g/<str:token>/<int:number>/comments/", guest_comments.add, name="guest_comments"),
    path(
        "g/<str:token>/comments/<int:pk>/change/",
        guest_comments.change,
        name="guest_comment_change",
    ),
    path(
        "g/<str:token>/comments/<int:pk>/delete/",
        guest_comments.delete,
        name="guest_comment_delete",
    ),
    path("exports/", exports.page, name="exports"),
    path("exports/new/", exports.new, name="export_new"),
    path("exports/names/", exports.names, name="export_names"),
    path("exports/<int:pk>/file", exports.file, name="export_file"),
    path("exports/<int:pk>/delete/", exports.delete, name="export_delete"),
    path("exports/<int:pk>/restore/", exports.restore, name="export_restore"),
    path("origins/", origins.find, name="origin"),
]
