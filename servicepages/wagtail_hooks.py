from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from servicepages import (
    admin_gate,
    adoption,
    choosers,
    copying,
    editor_scripts,
    files,
    law_chooser,
    moving,
    stacked_table,
)
from servicepages.admin_registers import RegistersGroup

modeladmin_register(RegistersGroup)

hooks.register("construct_page_chooser_queryset", choosers.only_published_or_own)
hooks.register("construct_admin_api", choosers.replace_file_endpoints, order=1)
hooks.register("before_serve_document", files.hold_back_hidden_document)
hooks.register("before_copy_page", copying.refuse_alias)
hooks.register("before_move_page", moving.confirm_change_of_department)
hooks.register("before_bulk_action", moving.refuse_bulk_move)
hooks.register("construct_reports_menu", admin_gate.hide_page_types_report)
hooks.register("insert_global_admin_css", stacked_table.styles)
hooks.register("insert_editor_js", editor_scripts.submit_after_autosave)
hooks.register("register_admin_viewset", law_chooser.register_viewset)
hooks.register("insert_editor_js", law_chooser.fill_citation)
hooks.register("register_admin_urls", adoption.admin_urls)
hooks.register("register_page_header_buttons", adoption.header_buttons)
