"""The pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portefeuille.web"
    verbose_name = "pages"
