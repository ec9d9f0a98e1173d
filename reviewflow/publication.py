"""The one road by which a service item goes live: the end of its joint review.

Named by WAGTAIL_FINISH_WORKFLOW_ACTION. No models are imported at the top: Wagtail imports this module
while its own models are being defined.
"""


def publish_approved(workflow_state, user=None):
    """Publishes the revision that was approved, not the newest one.

    Where the gate refuses it (a task was disabled or removed while the item waited on it), the item goes
    back to its department with the reason; where its round waits for the filing, it waits. The permission
    testers refuse everybody, superusers included, so this is the place that says it may happen.
    """
    from reviewflow.finishing import finish_review

    finish_review(workflow_state, user)
