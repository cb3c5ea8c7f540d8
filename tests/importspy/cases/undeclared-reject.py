import tool_index
import tool_vcs
