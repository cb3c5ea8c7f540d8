import json
import tool_index
