-- SPDX-License-Identifier: ISC
-- What a device asks for: one 4 KiB range after the other.  Run by wrk with
-- the size of the image, and "close" for a connection for each range.
local requests, count = {}, 0

function init(arguments)
	local size = tonumber(arguments[1])
	if arguments[2] == "close" then
		wrk.headers["Connection"] = "close"
	end
	for first = 0, size - 1, 4096 do
		local last = math.min(first + 4095, size - 1)
		wrk.headers["Range"] = "bytes=" .. first .. "-" .. last
		requests[#requests + 1] = wrk.format()
	end
end

function request()
	count = count % #requests + 1
	return requests[count]
end
