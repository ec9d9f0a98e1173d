"""WAGTAILSEARCH_BACKENDS: "BACKEND": "search.backends.opensearch3", with OpenSearch's client installed."""

from modelsearch.backends import opensearch3

from search.backends.server import cutting

SearchBackend = cutting(opensearch3, "OpenSearch3")
