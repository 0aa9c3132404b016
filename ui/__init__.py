"""Everything that speaks Streamlit, pages aside."""
