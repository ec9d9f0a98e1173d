"""What reviewflow listens to: the gate before every saved row, submissions, and the set-up of the site."""

from django.apps import apps
from django.core.checks import Tags
from django.core.checks import register as register_check
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_migrate, pre_save


def connect():
    from reviewflow import heartbeat

    heartbeat.connect()
    _connect_set_up()
    _connect_gate()
    _connect_review()
    _connect_checks()


def _connect_set_up():
    from servicepages.sections import region_opened, section_opened

    # After the pages' tables and rows are there, which the set-up needs.
    post_migrate.connect(_set_up_site, sender=apps.get_app_config("servicepages"), dispatch_uid="set_up_site")
    region_opened.connect(_region_opened, dispatch_uid="regional_coordination")
    section_opened.connect(_section_opened, dispatch_uid="regional_coordination")


def _connect_gate():
    from wagtail.models import Page, Revision
    from wagtail.signals import pre_page_move

    from reviewflow import gate, triggers
    from reviewflow.models import Decision
    from servicepages.models import ServiceItemPage, Topic

    pre_save.connect(gate.hold_item, sender=ServiceItemPage, dispatch_uid="gate")
    pre_save.connect(gate.hold_page, sender=Page, dispatch_uid="gate")
    pre_save.connect(gate.hold_schedule, sender=Revision, dispatch_uid="gate")
    pre_save.connect(gate.keep_published_revision, sender=Revision, dispatch_uid="keep_published")
    pre_save.connect(gate.wait_before_revoking, sender=Decision, dispatch_uid="gate")
    pre_page_move.connect(gate.hold_move, dispatch_uid="gate")
    pre_delete.connect(gate.keep_shown_topic, sender=Topic, dispatch_uid="gate")
    for sender in (ServiceItemPage, Page):
        post_save.connect(gate.use_clearance, sender=sender, dispatch_uid="gate")
    here = apps.get_app_config("reviewflow")
    pre_migrate.connect(triggers.drop_before_migrating, sender=here, dispatch_uid="gate")
    post_migrate.connect(triggers.make_after_migrating, sender=here, dispatch_uid="gate")
    register_check(triggers.check_triggers, Tags.database)


def _connect_review():
    from wagtail.models import WorkflowState
    from wagtail.signals import page_published, workflow_cancelled, workflow_rejected

    from reviewflow import deactivation, joint_review, notices, remarks, submission  # noqa: F401 - remarks registers its rule of the checklist
    from reviewflow.models import CalendarException, ReviewOffice, ReviewRound
    from reviewflow.offices import equip_review_office
    from servicepages import files
    from servicepages.models import User

    pre_save.connect(deactivation.person_saved, sender=User, dispatch_uid="deactivation")
    notices.take_the_place_of_wagtails()
    files.ALSO_MAY_SEE.append(joint_review.is_asked_of)
    pre_save.connect(submission.hold_incomplete, sender=WorkflowState, dispatch_uid="hold_incomplete")
    workflow_cancelled.connect(submission.close_cancelled, sender=WorkflowState, dispatch_uid="submission")
    workflow_rejected.connect(submission.close_rejected, sender=WorkflowState, dispatch_uid="submission")
    page_published.connect(submission.close_scheduled, dispatch_uid="submission")
    post_save.connect(equip_review_office, sender=ReviewOffice, dispatch_uid="equip_review_office")
    for signal in (post_save, post_delete):
        signal.connect(_calendar_changed, sender=CalendarException, dispatch_uid="recount")
    post_save.connect(_round_saved, sender=ReviewRound, dispatch_uid="recount")


def _connect_checks():
    from wagtail.signals import page_published, page_unpublished

    from reviewflow import guide_checks
    from servicepages.citations import law_changed
    from servicepages.models import Law, ServiceItemPage

    page_published.connect(guide_checks.went_live, sender=ServiceItemPage, dispatch_uid="guide_checks")
    page_unpublished.connect(guide_checks.taken_down, sender=ServiceItemPage, dispatch_uid="guide_checks")
    law_changed.connect(guide_checks.law_changed, sender=Law, dispatch_uid="guide_checks")


def _set_up_site(using, **kwargs):
    from reviewflow.site_setup import set_up_site
    from servicepages.migrated import is_migrated

    if is_migrated(using):
        set_up_site()


def _region_opened(instance, **kwargs):
    from reviewflow.offices import ensure_regional_coordination

    ensure_regional_coordination(instance)


def _section_opened(instance, **kwargs):
    from reviewflow.offices import ensure_regional_coordination

    ensure_regional_coordination(instance.region)


def _calendar_changed(raw=False, **kwargs):
    from reviewflow import guide_checks
    from reviewflow.due_dates import recount

    if not raw:
        recount()
        guide_checks.recount()


def _round_saved(instance, created, raw=False, **kwargs):
    """Nothing is due later than its round closes."""
    from reviewflow.due_dates import recount

    if not (created or raw):
        recount(round=instance)
