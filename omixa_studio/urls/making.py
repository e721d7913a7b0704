"""What is asked for: the studio, prompts, presets, runs, blind tests."""

from django.urls import path

from omixa_studio.views import (
    ballots,
    blind_tests,
    files,
    finals,
    masks,
    palette,
    presets,
    prompts,
    runs,
    similar,
    studio,
)

PATHS = [
    # The studio
    path("", studio.page, name="studio"),
    path("generations/", studio.submit, name="submit"),
    path("generations/cards/", studio.cards, name="cards"),
    path("generations/composer/", studio.composer, name="composer"),
    path("generations/estimate/", studio.estimate, name="estimate"),
    path("generations/made-before/", similar.of_form, name="made_before"),
    path("generations/<number:pk>/cancel/", studio.cancel, name="cancel"),
    path("generations/<number:pk>/retry/", studio.retry, name="retry"),
    path("answers/<number:pk>/file", files.answer_file, name="answer_file"),
    path("generations/<number:pk>/mask-worked/", masks.confirm_mask, name="mask_worked"),
    path("generations/<number:pk>/mask-other/", masks.switch_mask_encoding, name="mask_other"),
    # Prompts
    path("prompts/", prompts.page, name="prompts"),
    path("palette/models/", palette.models, name="palette_models"),
    path("palette/prompts/", palette.used_prompts, name="palette_prompts"),
    # Presets
    path("presets/", presets.page, name="presets"),
    path("presets/menu/", presets.menu, name="preset_menu"),
    path("presets/new/", presets.new, name="preset_new"),
    path("presets/<number:pk>/change/", presets.change, name="preset_change"),
    path("presets/<number:pk>/delete/", presets.delete, name="preset_delete"),
    path("presets/<number:pk>/restore/", presets.restore, name="preset_restore"),
    # Runs
    path("many/", runs.new, name="new_run"),
    path("runs/<uuid:pk>/", runs.page, name="run"),
    path("runs/<uuid:pk>/pause/", runs.pause, name="run_pause"),
    path("runs/<uuid:pk>/resume/", runs.resume, name="run_resume"),
    path("runs/<uuid:pk>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<uuid:pk>/final/", finals.final, name="final"),
    path("pictures/<number:pk>/pick/", runs.winner, name="picture_winner"),
    # Blind tests
    path("tests/", blind_tests.index, name="blind_tests"),
    path("tests/new/", blind_tests.new, name="new_blind_test"),
    path("tests/<number:pk>/", blind_tests.page, name="blind_test"),
    path("tests/<number:pk>/close/", blind_tests.close, name="blind_close"),
    path("tests/<number:pk>/adopt/", blind_tests.adopt, name="blind_adopt"),
    path("tests/<number:pk>/export.csv", blind_tests.export, name="blind_export"),
    path("tests/<number:pk>/join/", ballots.join, name="blind_join"),
    path("tests/<number:pk>/vote/", ballots.vote, name="blind_vote"),
    path("tests/<number:pk>/undo/", ballots.undo, name="blind_undo"),
    path("tests/<number:pk>/finish/", ballots.finish, name="blind_finish"),
    path("tests/pairs/<number:pk>/left", files.blind_left, name="blind_left"),
    path("tests/pairs/<number:pk>/right", files.blind_right, name="blind_right"),
]
