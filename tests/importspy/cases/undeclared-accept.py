import tool_index
import json
