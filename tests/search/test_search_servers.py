"""What would be sent to Elasticsearch and OpenSearch. No server of either runs here: these tests look at the
settings of an index, its mapping, a document and a query, and answer as a server would."""

import pytest
from django.test import override_settings
from wagtail.search.backends import get_search_backend

from search.following import follow
from search.models import Guide
from search.queries import find_guides
from search.text import cut, terms
from servicepages.models import ServiceItemPage

BACKENDS = ["search.backends.elasticsearch9", "search.backends.opensearch3"]


@pytest.fixture(params=BACKENDS)
def server(request, guide):
    """Two guides, made while the database's backend is in force, then a server in its place."""
    guide("婚姻登记", who_may_apply="男女双方")
    guide("收养登记", who_may_apply="收养人")
    # Nothing is written to the server by itself: there is none.
    backends = {"default": {"BACKEND": request.param, "AUTO_UPDATE": False}}
    with override_settings(WAGTAILSEARCH_BACKENDS=backends):
        yield get_search_backend()


@pytest.fixture
def asked(server, monkeypatch):
    """Bodies of the searches sent; each finds the guides put in `found`."""
    bodies, found = [], []

    def answer(*args, **kwargs):
        bodies.append(kwargs.get("body", kwargs))
        hits = [
            {"fields": {"pk": [str(guide.pk)]}, "_score": 1.0 / rank, "_id": str(guide.pk)}
            for rank, guide in enumerate(found, 1)
        ]
        return {"hits": {"hits": hits, "total": {"value": len(hits)}}}

    monkeypatch.setattr(type(server.es), "search", answer)
    monkeypatch.setattr(type(server.es), "count", lambda *args, **kwargs: {"count": len(found)})
    return bodies, found


def test_an_index_splits_at_spaces_only(server):
    analysis = server.settings["settings"]["analysis"]["analyzer"]
    assert analysis["default"] == {"type": "whitespace"}
    assert analysis["edgengram_analyzer"]["tokenizer"] == "whitespace"
    assert "lowercase" not in analysis["edgengram_analyzer"]["filter"]  # search.text has done it


@pytest.mark.parametrize("backend", BACKENDS)
def test_settings_of_an_index_can_be_added(backend):
    params = {"BACKEND": backend, "INDEX_SETTINGS": {"settings": {"index": {"number_of_shards": 3}}}}
    with override_settings(WAGTAILSEARCH_BACKENDS={"default": params}):
        settings = get_search_backend().settings["settings"]
    assert settings["index"]["number_of_shards"] == 3
    assert settings["analysis"]["analyzer"]["default"] == {"type": "whitespace"}


def test_a_document_holds_tokens(server):
    mapping = server.mapping_class(Guide)
    document = mapping.get_document(Guide.objects.get(name="婚姻登记"))
    assert document["name_tokens"] == " ".join(cut("婚姻登记"))
    assert "2hunyin" in document["sound_tokens"]
    properties = mapping.get_mapping()["properties"]
    assert properties["name_tokens"]["type"] == "text"
    assert properties["region_id_filter"]["type"] in {"integer", "long"}
    assert properties["sound_tokens_edgengrams"]["search_analyzer"] == "whitespace"

    page = server.mapping_class(ServiceItemPage).get_document(ServiceItemPage.objects.get(title="婚姻登记"))
    titles = [value for name, value in page.items() if name.startswith("title") and isinstance(value, str)]
    assert " ".join(cut("婚姻登记")) in titles


def test_a_query_asks_for_the_same_tokens(server, asked):
    bodies, found = asked
    found.append(Guide.objects.get(name="婚姻登记"))
    finding = find_guides("婚姻登記")
    assert [hit.key for hit in finding.hits] == [found[0].pk]
    assert " ".join(terms("婚姻登记")) in str(bodies[0])
    assert "'operator': 'and'" in str(bodies[0])
    assert {facet.name for facet in finding.facets} >= {"region", "type"}


def test_hits_keep_the_servers_order(server, asked):
    _bodies, found = asked
    found += [Guide.objects.get(name="收养登记"), Guide.objects.get(name="婚姻登记")]
    assert [hit.key for hit in find_guides("登记").hits] == [guide.pk for guide in found]


def test_a_server_that_is_down_keeps_nobody_from_publishing(request, server, monkeypatch, caplog):
    def down(*args, **kwargs):
        raise ConnectionError("nobody answers")

    monkeypatch.setattr(type(server), "add_bulk", down)
    backend = request.node.callspec.params["server"]
    with override_settings(WAGTAILSEARCH_BACKENDS={"default": {"BACKEND": backend}}):
        assert follow(Guide.objects.values_list("pk", flat=True)) == 2
    assert "update_index is needed" in caplog.text
