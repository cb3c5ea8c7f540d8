import tool_vcs
