import tool_index
