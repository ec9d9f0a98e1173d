"""What was searched and chosen, by day: no person, no address, no time of day. search.log writes it."""

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

# Of search.queries.How, which this module cannot import: the query was answered as it was typed.
AS_TYPED = ("code", "all")


def _sum_of(rows, field):
    """The sum of `field` over rows that have the text of the outer row; none where there is no such row."""
    of_text = rows.order_by().filter(text=OuterRef("text")).values("text")
    return Subquery(of_text.annotate(sum=Sum(field)).values("sum"))


class SearchedTextQuerySet(models.QuerySet):
    def last_of_each(self, since):
        """One row for each text that was searched on the day `since` or later: its last one, which says what it
        finds now. `total`, `chosen_times` and `mean_rank` are over all these days; a text after which nothing
        was chosen has no mean rank."""
        later = self.model.objects.filter(text=OuterRef("text"), day__gt=OuterRef("day"))
        chosen = ChosenGuide.objects.filter(day__gte=since)
        return (
            self.filter(~Exists(later), day__gte=since)
            .annotate(
                total=_sum_of(self.model.objects.filter(day__gte=since), "times"),
                chosen_times=Coalesce(_sum_of(chosen, "times"), 0),
                ranks=_sum_of(chosen, "ranks"),
            )
            .annotate(
                mean_rank=ExpressionWrapper(F("ranks") * 1.0 / F("chosen_times"), output_field=FloatField())
            )
        )

    def finding_nothing(self):
        return self.filter(found=0)

    def rewritten(self):
        """Those that found something, but not as they were typed."""
        return self.filter(found__gt=0).exclude(how__in=AS_TYPED)

    def in_short(self):
        """{"searches", "nothing", "rewritten"}: how many searches, of all, those that found nothing, and those
        that were rewritten."""
        nothing = Q(found=0)
        sums = self.aggregate(
            searches=Sum("times"),
            nothing=Sum("times", filter=nothing),
            rewritten=Sum("times", filter=~nothing & ~Q(how__in=AS_TYPED)),
        )
        return {name: value or 0 for name, value in sums.items()}


class SearchedText(models.Model):
    """How often a text was searched on a day, and what it found."""

    text = models.CharField(_("text"), max_length=200)
    day = models.DateField(_("day"))
    times = models.PositiveIntegerField(_("times"), default=0)
    # Of the last search on that day.
    found = models.PositiveIntegerField(_("guides found"), default=0)
    # How it was answered (search.queries.How): not as typed means that the text was rewritten.
    how = models.CharField(_("answered"), max_length=12, blank=True)

    objects = SearchedTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("searched text")
        verbose_name_plural = _("searched texts")
        constraints = [models.UniqueConstraint(fields=["text", "day"], name="one_row_a_text_and_day")]
        indexes = [models.Index(fields=["day"], name="searched_text_day")]

    def __str__(self):
        return self.text


class ChosenGuide(models.Model):
    """How often a guide was chosen on a day after a text was searched, and from which places."""

    text = models.CharField(_("text"), max_length=200)
    # Of search.models.Guide: the same item in several places is one.
    fold = models.CharField(max_length=20)
    day = models.DateField(_("day"))
    times = models.PositiveIntegerField(_("times"), default=0)
    # Sum of the ranks it was chosen at, counted from one: divided by `times`, the mean.
    ranks = models.PositiveIntegerField(_("sum of ranks"), default=0)

    class Meta:
        verbose_name = _("chosen guide")
        verbose_name_plural = _("chosen guides")
        constraints = [
            models.UniqueConstraint(fields=["text", "fold", "day"], name="one_row_a_choice_and_day")
        ]
        indexes = [models.Index(fields=["day"], name="chosen_guide_day")]

    def __str__(self):
        return self.text
