"""Documentation: Sphinx, MyST, furo; pages of endpoints, tables and units come from the library."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "stromal"
author = "The stromal developers"
copyright = "The stromal developers, Apache-2.0"
release = version = installed_version("stromal")
language = "en-GB"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "pages"]
exclude_patterns = ["_ext"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings: list[str] = []

# Docstrings write code in single backquotes.
default_role = "code"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "stromal"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["stromal.css"]
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#7a1f3d",
        "color-brand-content": "#7a1f3d",
        "font-stack": "Source Sans 3, Segoe UI, Helvetica Neue, Arial, sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#e59ab3",
        "color-brand-content": "#e59ab3",
    },
}
