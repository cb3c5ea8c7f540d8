import tool_vcs, tool_editable, tool_archive, tool_index
