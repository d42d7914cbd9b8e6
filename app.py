"""The page in a checkout: ``streamlit run app.py``. It lives in ``formcheck/ui/page.py``."""

from formcheck.ui.page import main

main()
