from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from reviewflow import (
    account,
    admin_laws,
    audit_report,
    background_work,
    check_page,
    check_report,
    deactivation,
    deletion,
    log_actions,
    message_report,
    other_pages,
    remark_panel,
    rolling_back,
    round_report,
    taking_down,
    withdrawing,
)
from reviewflow.admin_offices import ReviewGroup
from reviewflow.campaign import board, overview
from reviewflow.campaign import urls as campaign_urls
from reviewflow.campaign.admin_campaign import CampaignGroup
from reviewflow.desk import queue, record
from reviewflow.desk import urls as desk_urls

modeladmin_register(ReviewGroup)
modeladmin_register(CampaignGroup)

hooks.register("register_log_actions", log_actions.register)

hooks.register("register_admin_urls", desk_urls.admin_urls)
hooks.register("register_admin_menu_item", queue.menu_item)
hooks.register("construct_homepage_panels", queue.put_on_dashboard)
hooks.register("register_page_header_buttons", record.header_buttons)

hooks.register("register_admin_urls", taking_down.admin_urls)
hooks.register("register_page_header_buttons", taking_down.header_buttons)
hooks.register("construct_page_action_menu", taking_down.offer_in_action_menu)
hooks.register("before_unpublish_page", taking_down.ask_for_reason)
hooks.register("before_bulk_action", taking_down.refuse_bulk_unpublish)
hooks.register("register_admin_urls", rolling_back.admin_urls)
hooks.register("register_page_header_buttons", rolling_back.header_buttons)
hooks.register("before_delete_page", deletion.keep_page)
hooks.register("before_delete_user", deletion.keep_person)
hooks.register("before_bulk_action", deletion.keep_in_bulk)
hooks.register("before_bulk_action", deactivation.deactivated_in_bulk)

hooks.register("register_admin_urls", withdrawing.admin_urls)
hooks.register("construct_page_action_menu", withdrawing.offer)
hooks.register("before_edit_page", withdrawing.take_over_cancelling)
hooks.register("construct_page_action_menu", other_pages.offer_no_review)
hooks.register("before_edit_page", other_pages.refuse_review)
hooks.register("before_create_page", other_pages.refuse_review_of_new)
hooks.register("register_admin_urls", remark_panel.admin_urls)
hooks.register("insert_editor_js", remark_panel.scripts)
hooks.register("insert_global_admin_css", remark_panel.styles)
hooks.register("register_admin_urls", round_report.admin_urls)
hooks.register("register_reports_menu_item", round_report.reports_menu_item)
hooks.register("register_admin_urls", audit_report.admin_urls)
hooks.register("register_reports_menu_item", audit_report.reports_menu_item)
hooks.register("register_admin_urls", message_report.admin_urls)
hooks.register("register_reports_menu_item", message_report.reports_menu_item)
hooks.register("register_admin_urls", background_work.admin_urls)
hooks.register("register_reports_menu_item", background_work.reports_menu_item)
hooks.register("construct_homepage_panels", background_work.put_on_dashboard)
hooks.register("register_admin_urls", admin_laws.admin_urls)
hooks.register("register_admin_urls", check_page.admin_urls)
hooks.register("register_page_header_buttons", check_page.header_buttons)
hooks.register("register_admin_urls", check_report.admin_urls)
hooks.register("register_reports_menu_item", check_report.reports_menu_item)
hooks.register("register_admin_urls", campaign_urls.admin_urls)
hooks.register("register_admin_menu_item", overview.menu_item)
hooks.register("construct_homepage_panels", overview.put_on_dashboard)
hooks.register("register_reports_menu_item", board.reports_menu_item)
hooks.register("register_admin_urls", account.admin_urls)
hooks.register("register_account_settings_panel", account.MailPreferencesPanel)
hooks.register("register_account_settings_panel", account.CalendarPanel)
