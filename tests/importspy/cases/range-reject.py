from tool_index import x
