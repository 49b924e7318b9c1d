# One pass over the table, the CMakeLists.txt and the sources, in this order; what needs all of them is said at the end.

function breach(where, words) { print where ": " words }

function folder(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }

# The row whose name is the path, or the nearest folder above it.
function room_of(path) {
	while (!(path in may) && path ~ /\//)
		path = folder(path)
	return path in may ? path : ""
}

function is_source(path) { return path ~ /^(shared|coordinator|worker|cli)\// }

function add_room(    n, i, part) {
	may[$2] = $3
	n = $4 == "-" ? 0 : split($4, part, ",")
	for (i = 1; i <= n; i++)
		library_room[part[i]] = $2
}

# Which files a CMakeLists.txt names, from the root.
function listed_path(token,    path) {
	path = (folder(FILENAME) == "" ? "" : folder(FILENAME) "/") token
	while (sub(/[^\/]+\/\.\.\//, "", path))
		;
	return path
}

function read_build(    n, i, token, base) {
	sub(/#.*/, "")
	gsub(/[()";]/, " & ")
	n = split($0, token, /[ \t]+/)
	builds[folder(FILENAME)] = 1
	for (i = 1; i <= n; i++) {
		words[folder(FILENAME), token[i]] = 1
		if (token[i] ~ /\.(c|sql)$/) {
			base = token[i]
			sub(/.*\//, "", base)
			listed[listed_path(token[i])] = FILENAME
			named[base] = 1
			# engine_${part}_test.c in a loop stands for several
			if (base ~ /^[a-z].*\$/) {
				gsub(/\$\{[a-z]+\}/, "[a-z_0-9]+", base)
				shapes["^" base "$"] = 1
			}
		}
		if (token[i] == "system_test" && token[i + 1] == "(")
			named[token[i + 2] "_test.c"] = 1
		if (token[i] == "embed_sql" && token[i + 1] == "(") {
			made[FILENAME, token[i + 3]] = 1
			prefixes[token[i + 3]] = 1
		}
	}
}

# A header made by embed_sql() of this file's CMakeLists.txt or of one above.
function is_made(prefix, path) {
	while ((path = folder(path)) != "")
		if ((path "/CMakeLists.txt", prefix) in made)
			return 1
	return 0
}

function may_include(path,    n, i, part) {
	if (path !~ /\//)
		return sub(/\.h$/, "", path) && is_made(path, FILENAME)
	n = split(may[room], part, ",")
	for (i = 1; i <= n; i++)
		if (part[i] == path || (part[i] != "-" && room_of(path) == part[i]))
			return 1
	return room_of(path) == room
}

function read_include(    path, header) {
	path = $2
	gsub(/[<">]/, "", path)
	last_include = path
	included[path] = 1
	if (!is_source(FILENAME))
		return
	if ($2 ~ /^"/ && !may_include(path))
		breach(FILENAME ":" FNR, room " may not include " path)
	for (header in library_room)
		if ($2 ~ /^</ && index(path, header) == 1 && library_room[header] != room)
			breach(FILENAME ":" FNR, "only " library_room[header] " may see <" path ">")
}

function read_sql_names(line) {
	while (match(line, sql_name)) {
		sql_used[substr(line, RSTART, RLENGTH)] = 1
		line = substr(line, RSTART + RLENGTH)
	}
}

# Code without what stands in texts and comments.
function bare(line) {
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "", line)
	gsub(/\/\*[^*]*\*\//, "", line)
	if (in_comment) {
		if (!sub(/^.*\*\//, "", line))
			return ""
		in_comment = 0
	}
	if (sub(/\/\*.*/, "", line))
		in_comment = 1
	return line
}

# Tests: what every function, macro and table names, to see which cases reach a check.
function read_test(    line) {
	line = bare($0)
	if (line ~ /^#define [A-Za-z_0-9]+\(/) {
		split(line, word, /[ (]/)
		outer = owner
		owner = word[2]
		defined[FILENAME, owner] = 1
		anywhere[owner] = FILENAME
	} else if (line ~ /^[a-z_][a-z_0-9]*\(/) {
		owner = substr(line, 1, index(line, "(") - 1)
		defined[FILENAME, owner] = 1
		anywhere[owner] = FILENAME
	} else if (line ~ /^(static |const )+.*\] *= *\{$/) {
		owner = line
		sub(/\[.*/, "", owner)
		sub(/.*[ *]/, "", owner)
		defined[FILENAME, owner] = 1
	} else if (line ~ /^[})]/) {
		owner = ""
	}
	while (match(line, /[A-Za-z_][A-Za-z_0-9]*/)) {
		word[0] = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (word[0] == "CASE" && owner != "CASE" && match(line, /^\([a-z_0-9]+\)/))
			cases[FILENAME, substr(line, 2, RLENGTH - 2)] = FNR
		if (owner != "" && !((FILENAME, owner, word[0]) in seen)) {
			seen[FILENAME, owner, word[0]] = 1
			names[FILENAME, owner] = names[FILENAME, owner] " " word[0]
		}
	}
	if ($0 !~ /\\$/ && owner ~ /^[A-Z]/)
		owner = outer
}

function reaches_check(file, name,    n, i, part, found) {
	if (name ~ /^(CHECK|REQUIRE|unit_check|unit_require)/)
		return 1
	if (!((file, name) in defined)) {
		if (!(name in anywhere))
			return 0
		file = anywhere[name]
	}
	if (!((file, name) in answer)) {
		answer[file, name] = 0
		n = split(names[file, name], part, " ")
		for (i = 1; i <= n && !found; i++)
			found = reaches_check(file, part[i])
		answer[file, name] = found + 0
	}
	return answer[file, name]
}

function end_of_file() {
	if (lines > 600)
		breach(current, lines " lines; 600 are the most")
	if (current ~ /\.c$/ && last_include != "shared/base/banned.h")
		breach(current, "banned.h must be the last include")
	sources[current] = 1
}

FNR == 1 {
	if (current ~ /\.[ch]$/)
		end_of_file()
	current = FILENAME
	room = room_of(FILENAME)
	last_include = owner = ""
	start = in_comment = 0
	if (is_source(FILENAME) && room == "" && FILENAME !~ /txt$/)
		breach(FILENAME, "is in no room of tests/lint/rooms.txt")
	if (FILENAME ~ /\.sql$/)
		sources[FILENAME] = 1
}

FILENAME ~ /rooms\.txt$/ {
	if ($1 == "room")
		add_room()
	else if ($1 == "secret")
		opens_secrets[$2] = 1
	next
}

FILENAME ~ /CMakeLists\.txt$/ {
	read_build()
	next
}

FILENAME ~ /\.sql$/ { next }

sql_name == "" {
	for (prefix in prefixes)
		sql_name = sql_name (sql_name == "" ? "(" : "|") prefix
	sql_name = sql_name == "" ? "^no prefix$" : sql_name ")_[a-z_0-9]+"
}

{ lines = FNR }

/^#include/ { read_include() }

/^\{/ { start = FNR }
/^\}/ {
	if (start && FNR - start > 70)
		breach(FILENAME ":" start, "a function of " FNR - start " lines; 70 are the most")
	start = 0
}

/TODO|FIXME|XXX|^#if 0/ {
	if (" " $0 " " ~ /[^A-Za-z_](TODO|FIXME|XXX)[^A-Za-z_]|^ #if 0/)
		breach(FILENAME ":" FNR, "unfinished work")
}

/secret_reveal/ {
	if (is_source(FILENAME) && !(FILENAME in opens_secrets))
		breach(FILENAME ":" FNR, "secrets are not opened here")
}

/_/ { if (is_source(FILENAME)) read_sql_names($0) }

FILENAME ~ /^tests\// { read_test() }

function is_named(base,    shape) {
	for (shape in shapes)
		if (base ~ shape)
			return 1
	return base in named
}

function check_source(path,    base, stem, prefix, used) {
	base = substr(path, match(path, /[^\/]*$/))
	if (path ~ /\.h$/ && !(path in included))
		breach(path, "is included nowhere")
	if (path ~ /\.c$/ && is_source(path) && !(path in listed))
		breach(path, "is in no CMakeLists.txt")
	if (path ~ /^tests\/.*\.c$/ && !is_named(base))
		breach(path, "is in no CMakeLists.txt")
	if (path ~ /\.sql$/) {
		stem = substr(base, 1, length(base) - 4)
		for (prefix in prefixes)
			if ((prefix "_" stem) in sql_used && (listed[path], prefix) in made)
				used = 1
		if (!used)
			breach(path, "is used nowhere")
	}
}

# A CMakeLists.txt above says the folder's name, alone or with folders before it.
function is_added(path,    above) {
	above = path
	while ((above = folder(above)) != "")
		if ((above, substr(path, length(above) + 2)) in words)
			return 1
		else if ((above, substr(path, match(path, /[^\/]*$/))) in words)
			return 1
	return ("", path) in words
}

END {
	if (current ~ /\.[ch]$/)
		end_of_file()
	for (path in sources)
		check_source(path)
	for (path in listed)
		if (is_source(path) && !(path in sources))
			breach(listed[path], path " does not exist")
	for (path in builds)
		if (path != "" && !is_added(path))
			breach(path "/CMakeLists.txt", "is added by none above it")
	for (key in cases) {
		split(key, at, SUBSEP)
		if (!reaches_check(at[1], at[2]))
			breach(at[1] ":" cases[key], at[2] " checks nothing")
	}
}
