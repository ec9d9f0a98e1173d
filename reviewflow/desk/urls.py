from django.urls import path

from reviewflow.desk.batch import BatchView
from reviewflow.desk.queue import QueueView
from reviewflow.desk.record import RecordView, item_or_record
from reviewflow.desk.sheet import SheetView, keep_looking, next_sheet


def admin_urls():
    """`register_admin_urls`"""
    return [
        path("review/", QueueView.as_view(), name="review_queue"),
        path("review/results/", QueueView.as_view(results_only=True), name="review_queue_results"),
        path("review/together/", BatchView.as_view(), name="review_batch"),
        path("review/<int:pk>/", SheetView.as_view(), name="review_sheet"),
        path("review/<int:pk>/next/", next_sheet, name="review_sheet_next"),
        path("review/<int:pk>/look/", keep_looking, name="review_sheet_look"),
        path("review/record/<int:item_id>/", RecordView.as_view(), name="review_record"),
        path("review/item/<int:item_id>/", item_or_record, name="item_or_record"),
    ]
