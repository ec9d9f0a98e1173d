from wagtail import hooks

from reviewflow import action_menu

hooks.register("construct_page_action_menu", action_menu.speak_the_readers_language)
