from django import template

from reviewflow.desk.decision_form import PREFIX

register = template.Library()


@register.inclusion_tag("reviewflow/desk/remark_control.html")
def remark_control(form, name, label, block=""):
    """Where a reviewer types a remark on a field, or on one line of it; open where something is typed."""
    key = "-".join(part for part in (PREFIX, name, block) if part)
    return {"key": key, "label": label, "text": form.text_on(name, block)}
