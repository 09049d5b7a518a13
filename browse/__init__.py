"""Knows the archive's readers: a datasette plugin with titles, search, access and the article page.

``datasette archive.db`` finds it by its entry point; `crawler.commands.browse` starts it with our
settings. Written for datasette 0.65; it reads the database and imports nothing of the crawl.
"""

from browse.about import about_routes
from browse.access import asgi_wrapper, permission_allowed, public_rows
from browse.article import register_routes
from browse.author_page import author_routes
from browse.captured import capture_routes
from browse.cells import render_cell
from browse.changes_pages import changes_routes
from browse.citing import cite_routes
from browse.closed import closed_to_strangers, handle_exception
from browse.day_page import day_routes
from browse.defaults import startup
from browse.diff_page import diff_routes
from browse.feeds import feed_routes
from browse.front import front_routes
from browse.labels import get_metadata
from browse.large import tables_uncounted, without_counts
from browse.pages import extra_template_vars, prepare_jinja2_environment
from browse.paper_page import paper_routes
from browse.places import province_routes
from browse.press import press_routes
from browse.queries import canned_queries, folding_connection
from browse.search import empty_search_shows_all, prepare_connection, search_views
from browse.search_page import search_routes
from browse.sitemap import sitemap_routes
from browse.story import story_routes
from browse.syndication import syndication_routes

__all__ = [
    "about_routes",
    "asgi_wrapper",
    "author_routes",
    "canned_queries",
    "capture_routes",
    "changes_routes",
    "cite_routes",
    "closed_to_strangers",
    "day_routes",
    "diff_routes",
    "empty_search_shows_all",
    "extra_template_vars",
    "feed_routes",
    "folding_connection",
    "front_routes",
    "get_metadata",
    "handle_exception",
    "paper_routes",
    "permission_allowed",
    "prepare_connection",
    "prepare_jinja2_environment",
    "press_routes",
    "province_routes",
    "public_rows",
    "register_routes",
    "render_cell",
    "search_routes",
    "search_views",
    "sitemap_routes",
    "startup",
    "story_routes",
    "syndication_routes",
    "tables_uncounted",
    "without_counts",
]
