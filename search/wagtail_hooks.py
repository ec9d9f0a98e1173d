from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from search import handler_report, search_report
from search.admin_everyday import EverydayNameAdmin

modeladmin_register(EverydayNameAdmin)

hooks.register("register_admin_urls", search_report.admin_urls)
hooks.register("register_reports_menu_item", search_report.reports_menu_item)
hooks.register("register_admin_urls", handler_report.admin_urls)
hooks.register("register_reports_menu_item", handler_report.reports_menu_item)
hooks.register("register_permissions", search_report.permissions)
