"""The Streamlit page; nothing outside this folder imports streamlit."""
