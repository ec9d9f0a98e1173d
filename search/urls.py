from django.urls import path

from search.views import choose, search, suggest

app_name = "search"

urlpatterns = [
    path("", search, name="search"),
    path("suggest", suggest, name="suggest"),
    path("go/<int:key>/", choose, name="choose"),
]
