"""WAGTAILSEARCH_BACKENDS: "BACKEND": "search.backends.elasticsearch9", with Elasticsearch's client installed."""

from modelsearch.backends import elasticsearch9

from search.backends.server import cutting

SearchBackend = cutting(elasticsearch9, "Elasticsearch9")
