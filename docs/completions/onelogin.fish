# fish completion for onelogin. Generated from the declared table: `onelogin completion fish`; do not edit.
function __onelogin_at # __onelogin_at WORD...: are these the positions so far?
  set -l place
  set -l skip 0
  for w in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $w
      case --format --fields --cursor --data --param --max-changes --profile --subdomain --region --base-url --client-id --secret-file --ca-file --timeout --query --paging --since --checkpoint --overlap --interval --saml --api --factor --email --wait --out
        set skip 1
      case '-*'
      case '*'
        set place $place (string replace -a -- - _ $w)
    end
  end
  set -l count (count $argv)
  test $count -eq 0; and test (count $place) -eq 0; and return 0
  test $count -gt 0; or return 1
  if test $argv[-1] = +
    set -e argv[-1]
    set -l n (count $argv)
    test (count $place) -ge $n; and test "$place[1..$n]" = "$argv"; and return 0
    return 1
  end
  test "$place" = "$argv"
end
complete -c onelogin -f
complete -c onelogin -n __onelogin_at -a completion
complete -c onelogin -n __onelogin_at -a help
complete -c onelogin -n __onelogin_at -a repl
complete -c onelogin -n __onelogin_at -a request
complete -c onelogin -n __onelogin_at -a sandbox
complete -c onelogin -n __onelogin_at -a version
complete -c onelogin -l format -x -a 'table json jsonl csv' -d 'table, json, jsonl or csv; default: table on a terminal, jsonl elsewhere'
complete -c onelogin -l fields -x -d 'show these members only; a.b reaches inside'
complete -c onelogin -l all -d 'every page of a list, not only the first'
complete -c onelogin -l cursor -x -d 'go on with a list from this place'
complete -c onelogin -l data -x -d 'the body: JSON, @FILE, or - for standard input'
complete -c onelogin -l param -x -d 'a parameter whose name an option has; or an undeclared one, as JSON'
complete -c onelogin -l allow-unknown -d 'send parameters that are not declared'
complete -c onelogin -l dry-run -d 'show the request instead of sending it'
complete -c onelogin -l yes -s y -d 'do not ask before a change'
complete -c onelogin -l max-changes -x -d 'refuse to change more than N things'
complete -c onelogin -l profile -x -a '(sed -n "s/^\\[\\(.*\\)\\]\$/\\1/p" ~/.config/onelogin/config 2>/dev/null)' -d 'tenant and credential from the configuration file; also ONELOGIN_PROFILE'
complete -c onelogin -l subdomain -x -d 'the tenant NAME.onelogin.com; also ONELOGIN_SUBDOMAIN'
complete -c onelogin -l region -x -a 'us eu' -d 'the API of a region; also ONELOGIN_REGION'
complete -c onelogin -l base-url -x -d 'the API\'s address; also ONELOGIN_BASE_URL'
complete -c onelogin -l client-id -x -d 'the API credential; also ONELOGIN_CLIENT_ID'
complete -c onelogin -l secret-file -r -F -d 'its secret from a file, - for standard input; also ONELOGIN_CLIENT_SECRET, or asked for'
complete -c onelogin -l ca-file -r -F -d 'trust these CAs; also ONELOGIN_CA_FILE'
complete -c onelogin -l timeout -x -d 'seconds for one attempt'
complete -c onelogin -l sandbox -d 'run on a fresh emulator in this process; --sandbox=N people in it'
complete -c onelogin -l show-secrets -d 'do not mask secret members of answers'
complete -c onelogin -l verbose -s v -d 'show requests and answers, redacted, on standard error'
complete -c onelogin -l help -s h -d 'help for a resource or an operation'
complete -c onelogin -l version -d 'the version'
complete -c onelogin -n __onelogin_at -a oauth
complete -c onelogin -n '__onelogin_at help' -a oauth
complete -c onelogin -n '__onelogin_at oauth' -a generate_tokens -d 'Exchange the credential pair for an access token'
complete -c onelogin -n '__onelogin_at help oauth' -a generate_tokens
complete -c onelogin -n '__onelogin_at oauth generate_tokens +' -l grant_type -x -a 'client_credentials refresh_token'
complete -c onelogin -n '__onelogin_at oauth generate_tokens +' -l access_token -x
complete -c onelogin -n '__onelogin_at oauth generate_tokens +' -l refresh_token -x
complete -c onelogin -n '__onelogin_at oauth' -a generate_tokens_v1 -d 'Exchange the credential pair for an access token, in the v1 envelope'
complete -c onelogin -n '__onelogin_at help oauth' -a generate_tokens_v1
complete -c onelogin -n '__onelogin_at oauth generate_tokens_v1 +' -l grant_type -x -a 'client_credentials refresh_token'
complete -c onelogin -n '__onelogin_at oauth generate_tokens_v1 +' -l access_token -x
complete -c onelogin -n '__onelogin_at oauth generate_tokens_v1 +' -l refresh_token -x
complete -c onelogin -n '__onelogin_at oauth' -a get_rate_limit -d 'Read the hourly quota: how many calls, how many left, seconds until it refills'
complete -c onelogin -n '__onelogin_at help oauth' -a get_rate_limit
complete -c onelogin -n '__onelogin_at oauth' -a revoke_token -d 'End an access token before its time'
complete -c onelogin -n '__onelogin_at help oauth' -a revoke_token
complete -c onelogin -n '__onelogin_at oauth revoke_token +' -l access_token -x
complete -c onelogin -n __onelogin_at -a users
complete -c onelogin -n '__onelogin_at help' -a users
complete -c onelogin -n '__onelogin_at users' -a assign_roles -d 'Give a user roles'
complete -c onelogin -n '__onelogin_at help users' -a assign_roles
complete -c onelogin -n '__onelogin_at users assign_roles +' -l role_id_array -x
complete -c onelogin -n '__onelogin_at users' -a create -d 'Create a user'
complete -c onelogin -n '__onelogin_at help users' -a create
complete -c onelogin -n '__onelogin_at users create +' -l mappings -x -a 'async sync disabled'
complete -c onelogin -n '__onelogin_at users create +' -l validate_policy -x -a 'true false'
complete -c onelogin -n '__onelogin_at users create +' -l username -x
complete -c onelogin -n '__onelogin_at users create +' -l email -x
complete -c onelogin -n '__onelogin_at users create +' -l firstname -x
complete -c onelogin -n '__onelogin_at users create +' -l lastname -x
complete -c onelogin -n '__onelogin_at users create +' -l password -x
complete -c onelogin -n '__onelogin_at users create +' -l password_confirmation -x
complete -c onelogin -n '__onelogin_at users create +' -l password_algorithm -x -a 'salt+sha256 sha256+salt bcrypt'
complete -c onelogin -n '__onelogin_at users create +' -l salt -x
complete -c onelogin -n '__onelogin_at users create +' -l title -x
complete -c onelogin -n '__onelogin_at users create +' -l department -x
complete -c onelogin -n '__onelogin_at users create +' -l company -x
complete -c onelogin -n '__onelogin_at users create +' -l comment -x
complete -c onelogin -n '__onelogin_at users create +' -l group_id -x
complete -c onelogin -n '__onelogin_at users create +' -l role_ids -x
complete -c onelogin -n '__onelogin_at users create +' -l phone -x
complete -c onelogin -n '__onelogin_at users create +' -l state -x -a '0 1 2 3'
complete -c onelogin -n '__onelogin_at users create +' -l status -x -a '0 1 2 3 4 5 7 8'
complete -c onelogin -n '__onelogin_at users create +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users create +' -l trusted_idp_id -x
complete -c onelogin -n '__onelogin_at users create +' -l manager_ad_id -x
complete -c onelogin -n '__onelogin_at users create +' -l manager_user_id -x
complete -c onelogin -n '__onelogin_at users create +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users create +' -l member_of -x
complete -c onelogin -n '__onelogin_at users create +' -l userprincipalname -x
complete -c onelogin -n '__onelogin_at users create +' -l distinguished_name -x
complete -c onelogin -n '__onelogin_at users create +' -l external_id -x
complete -c onelogin -n '__onelogin_at users create +' -l invalid_login_attempts -x
complete -c onelogin -n '__onelogin_at users create +' -l preferred_locale_code -x
complete -c onelogin -n '__onelogin_at users create +' -l custom_attributes -x
complete -c onelogin -n '__onelogin_at users' -a delete -d 'Delete a user for good'
complete -c onelogin -n '__onelogin_at help users' -a delete
complete -c onelogin -n '__onelogin_at users' -a get -d 'Fetch one user with roles and custom attributes'
complete -c onelogin -n '__onelogin_at help users' -a get
complete -c onelogin -n '__onelogin_at users' -a get_apps -d 'List the apps a user can open'
complete -c onelogin -n '__onelogin_at help users' -a get_apps
complete -c onelogin -n '__onelogin_at users get_apps +' -l ignore_visibility -x -a 'true false'
complete -c onelogin -n '__onelogin_at users' -a get_delegated_privileges -d 'List the privileges delegated to a user'
complete -c onelogin -n '__onelogin_at help users' -a get_delegated_privileges
complete -c onelogin -n '__onelogin_at users' -a get_privileges -d 'List the privileges granted to a user'
complete -c onelogin -n '__onelogin_at help users' -a get_privileges
complete -c onelogin -n '__onelogin_at users' -a list -d 'Page through the users, filtered if wanted'
complete -c onelogin -n '__onelogin_at help users' -a list
complete -c onelogin -n '__onelogin_at users list +' -l email -x
complete -c onelogin -n '__onelogin_at users list +' -l username -x
complete -c onelogin -n '__onelogin_at users list +' -l firstname -x
complete -c onelogin -n '__onelogin_at users list +' -l lastname -x
complete -c onelogin -n '__onelogin_at users list +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users list +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users list +' -l external_id -x
complete -c onelogin -n '__onelogin_at users list +' -l app_id -x
complete -c onelogin -n '__onelogin_at users list +' -l user_ids -x
complete -c onelogin -n '__onelogin_at users list +' -l created_since -x
complete -c onelogin -n '__onelogin_at users list +' -l created_until -x
complete -c onelogin -n '__onelogin_at users list +' -l updated_since -x
complete -c onelogin -n '__onelogin_at users list +' -l updated_until -x
complete -c onelogin -n '__onelogin_at users list +' -l last_login_since -x
complete -c onelogin -n '__onelogin_at users list +' -l last_login_until -x
complete -c onelogin -n '__onelogin_at users list +' -l sort -x
complete -c onelogin -n '__onelogin_at users list +' -l limit -x
complete -c onelogin -n '__onelogin_at users list +' -l page -x
complete -c onelogin -n '__onelogin_at users' -a lock -d 'Lock a user out for some minutes, or as the policy says'
complete -c onelogin -n '__onelogin_at help users' -a lock
complete -c onelogin -n '__onelogin_at users lock +' -l locked_until -x
complete -c onelogin -n '__onelogin_at users' -a log_out -d 'End a user\'s sessions'
complete -c onelogin -n '__onelogin_at help users' -a log_out
complete -c onelogin -n '__onelogin_at users' -a remove_roles -d 'Take roles away from a user'
complete -c onelogin -n '__onelogin_at help users' -a remove_roles
complete -c onelogin -n '__onelogin_at users remove_roles +' -l role_id_array -x
complete -c onelogin -n '__onelogin_at users' -a roles -d 'List the ids of the roles a user holds'
complete -c onelogin -n '__onelogin_at help users' -a roles
complete -c onelogin -n '__onelogin_at users' -a set_custom_attributes -d 'Write values of a user\'s custom fields'
complete -c onelogin -n '__onelogin_at help users' -a set_custom_attributes
complete -c onelogin -n '__onelogin_at users set_custom_attributes +' -l custom_attributes -x
complete -c onelogin -n '__onelogin_at users' -a set_password_cleartext -d 'Set a user\'s password'
complete -c onelogin -n '__onelogin_at help users' -a set_password_cleartext
complete -c onelogin -n '__onelogin_at users set_password_cleartext +' -l password -x
complete -c onelogin -n '__onelogin_at users set_password_cleartext +' -l password_confirmation -x
complete -c onelogin -n '__onelogin_at users set_password_cleartext +' -l validate_policy -x -a 'true false'
complete -c onelogin -n '__onelogin_at users' -a set_password_salted -d 'Set a user\'s password from a SHA-256 digest'
complete -c onelogin -n '__onelogin_at help users' -a set_password_salted
complete -c onelogin -n '__onelogin_at users set_password_salted +' -l password -x
complete -c onelogin -n '__onelogin_at users set_password_salted +' -l password_confirmation -x
complete -c onelogin -n '__onelogin_at users set_password_salted +' -l password_algorithm -x -a 'salt+sha256'
complete -c onelogin -n '__onelogin_at users set_password_salted +' -l password_salt -x
complete -c onelogin -n '__onelogin_at users' -a set_state -d 'Change whether a user is approved'
complete -c onelogin -n '__onelogin_at help users' -a set_state
complete -c onelogin -n '__onelogin_at users set_state +' -l state -x -a '0 1 2 3'
complete -c onelogin -n '__onelogin_at users' -a unlock -d 'Lift a lock that failed sign-ins caused'
complete -c onelogin -n '__onelogin_at help users' -a unlock
complete -c onelogin -n '__onelogin_at users' -a update -d 'Change attributes, password or custom attributes of a user'
complete -c onelogin -n '__onelogin_at help users' -a update
complete -c onelogin -n '__onelogin_at users update +' -l mappings -x -a 'async sync disabled'
complete -c onelogin -n '__onelogin_at users update +' -l validate_policy -x -a 'true false'
complete -c onelogin -n '__onelogin_at users update +' -l username -x
complete -c onelogin -n '__onelogin_at users update +' -l email -x
complete -c onelogin -n '__onelogin_at users update +' -l firstname -x
complete -c onelogin -n '__onelogin_at users update +' -l lastname -x
complete -c onelogin -n '__onelogin_at users update +' -l password -x
complete -c onelogin -n '__onelogin_at users update +' -l password_confirmation -x
complete -c onelogin -n '__onelogin_at users update +' -l password_algorithm -x -a 'salt+sha256 sha256+salt bcrypt'
complete -c onelogin -n '__onelogin_at users update +' -l salt -x
complete -c onelogin -n '__onelogin_at users update +' -l title -x
complete -c onelogin -n '__onelogin_at users update +' -l department -x
complete -c onelogin -n '__onelogin_at users update +' -l company -x
complete -c onelogin -n '__onelogin_at users update +' -l comment -x
complete -c onelogin -n '__onelogin_at users update +' -l group_id -x
complete -c onelogin -n '__onelogin_at users update +' -l role_ids -x
complete -c onelogin -n '__onelogin_at users update +' -l phone -x
complete -c onelogin -n '__onelogin_at users update +' -l state -x -a '0 1 2 3'
complete -c onelogin -n '__onelogin_at users update +' -l status -x -a '0 1 2 3 4 5 7 8'
complete -c onelogin -n '__onelogin_at users update +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users update +' -l trusted_idp_id -x
complete -c onelogin -n '__onelogin_at users update +' -l manager_ad_id -x
complete -c onelogin -n '__onelogin_at users update +' -l manager_user_id -x
complete -c onelogin -n '__onelogin_at users update +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users update +' -l member_of -x
complete -c onelogin -n '__onelogin_at users update +' -l userprincipalname -x
complete -c onelogin -n '__onelogin_at users update +' -l distinguished_name -x
complete -c onelogin -n '__onelogin_at users update +' -l external_id -x
complete -c onelogin -n '__onelogin_at users update +' -l invalid_login_attempts -x
complete -c onelogin -n '__onelogin_at users update +' -l preferred_locale_code -x
complete -c onelogin -n '__onelogin_at users update +' -l custom_attributes -x
complete -c onelogin -n __onelogin_at -a users_v1
complete -c onelogin -n '__onelogin_at help' -a users_v1
complete -c onelogin -n '__onelogin_at users_v1' -a apps -d 'List the apps a user can open, personal ones left out'
complete -c onelogin -n '__onelogin_at help users_v1' -a apps
complete -c onelogin -n '__onelogin_at users_v1' -a create -d 'Create a user, without password, roles and custom attributes'
complete -c onelogin -n '__onelogin_at help users_v1' -a create
complete -c onelogin -n '__onelogin_at users_v1 create +' -l firstname -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l lastname -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l email -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l username -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l company -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l department -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l distinguished_name -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l external_id -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l group_id -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l invalid_login_attempts -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l locale_code -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l manager_ad_id -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l manager_user_id -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l member_of -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l notes -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l openid_name -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l phone -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l title -x
complete -c onelogin -n '__onelogin_at users_v1 create +' -l userprincipalname -x
complete -c onelogin -n '__onelogin_at users_v1' -a custom_attributes -d 'List the shortnames of the account\'s custom user fields'
complete -c onelogin -n '__onelogin_at help users_v1' -a custom_attributes
complete -c onelogin -n '__onelogin_at users_v1' -a delete -d 'Delete a user for good'
complete -c onelogin -n '__onelogin_at help users_v1' -a delete
complete -c onelogin -n '__onelogin_at users_v1' -a get -d 'Fetch one user'
complete -c onelogin -n '__onelogin_at help users_v1' -a get
complete -c onelogin -n '__onelogin_at users_v1' -a list -d 'Page through the users by cursor, filtered if wanted'
complete -c onelogin -n '__onelogin_at help users_v1' -a list
complete -c onelogin -n '__onelogin_at users_v1 list +' -l id -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l email -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l username -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l firstname -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l lastname -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l userprincipalname -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l external_id -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l manager_ad_id -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l role_id -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l since -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l until -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l sort -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l limit -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at users_v1 list +' -l before_cursor -x
complete -c onelogin -n '__onelogin_at users_v1' -a update -d 'Change attributes of a user'
complete -c onelogin -n '__onelogin_at help users_v1' -a update
complete -c onelogin -n '__onelogin_at users_v1 update +' -l firstname -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l lastname -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l email -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l username -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l company -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l department -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l directory_id -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l distinguished_name -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l external_id -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l group_id -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l invalid_login_attempts -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l locale_code -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l manager_ad_id -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l manager_user_id -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l member_of -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l notes -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l openid_name -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l phone -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l samaccountname -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l title -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l userprincipalname -x
complete -c onelogin -n '__onelogin_at users_v1 update +' -l state -x -a '0 1 2 3'
complete -c onelogin -n '__onelogin_at users_v1 update +' -l status -x -a '0 1 2 3 4 5 7 8'
complete -c onelogin -n __onelogin_at -a roles
complete -c onelogin -n '__onelogin_at help' -a roles
complete -c onelogin -n '__onelogin_at roles' -a add_admins -d 'Make users administrators of a role'
complete -c onelogin -n '__onelogin_at help roles' -a add_admins
complete -c onelogin -n '__onelogin_at roles' -a add_users -d 'Give a role to more users'
complete -c onelogin -n '__onelogin_at help roles' -a add_users
complete -c onelogin -n '__onelogin_at roles' -a create -d 'Create a role, with apps, users and administrators if wanted'
complete -c onelogin -n '__onelogin_at help roles' -a create
complete -c onelogin -n '__onelogin_at roles create +' -l name -x
complete -c onelogin -n '__onelogin_at roles create +' -l apps -x
complete -c onelogin -n '__onelogin_at roles create +' -l users -x
complete -c onelogin -n '__onelogin_at roles create +' -l admins -x
complete -c onelogin -n '__onelogin_at roles' -a delete -d 'Delete a role'
complete -c onelogin -n '__onelogin_at help roles' -a delete
complete -c onelogin -n '__onelogin_at roles' -a get -d 'Fetch a role'
complete -c onelogin -n '__onelogin_at help roles' -a get
complete -c onelogin -n '__onelogin_at roles' -a get_admins -d 'List the users who administer a role'
complete -c onelogin -n '__onelogin_at help roles' -a get_admins
complete -c onelogin -n '__onelogin_at roles get_admins +' -l name -x
complete -c onelogin -n '__onelogin_at roles get_admins +' -l include_unassigned -x -a 'true false'
complete -c onelogin -n '__onelogin_at roles get_admins +' -l limit -x
complete -c onelogin -n '__onelogin_at roles get_admins +' -l page -x
complete -c onelogin -n '__onelogin_at roles' -a get_apps -d 'List the apps a role grants'
complete -c onelogin -n '__onelogin_at help roles' -a get_apps
complete -c onelogin -n '__onelogin_at roles get_apps +' -l assigned -x -a 'true false'
complete -c onelogin -n '__onelogin_at roles get_apps +' -l limit -x
complete -c onelogin -n '__onelogin_at roles get_apps +' -l page -x
complete -c onelogin -n '__onelogin_at roles' -a get_users -d 'List the users who hold a role'
complete -c onelogin -n '__onelogin_at help roles' -a get_users
complete -c onelogin -n '__onelogin_at roles get_users +' -l name -x
complete -c onelogin -n '__onelogin_at roles get_users +' -l include_unassigned -x -a 'true false'
complete -c onelogin -n '__onelogin_at roles get_users +' -l limit -x
complete -c onelogin -n '__onelogin_at roles get_users +' -l page -x
complete -c onelogin -n '__onelogin_at roles' -a list -d 'Page through the roles, filtered if wanted'
complete -c onelogin -n '__onelogin_at help roles' -a list
complete -c onelogin -n '__onelogin_at roles list +' -l name -x
complete -c onelogin -n '__onelogin_at roles list +' -l app_id -x
complete -c onelogin -n '__onelogin_at roles list +' -l app_name -x
complete -c onelogin -n '__onelogin_at roles list +' -l sort -x
complete -c onelogin -n '__onelogin_at roles list +' -l limit -x
complete -c onelogin -n '__onelogin_at roles list +' -l page -x
complete -c onelogin -n '__onelogin_at roles' -a remove_admins -d 'Dismiss administrators of a role'
complete -c onelogin -n '__onelogin_at help roles' -a remove_admins
complete -c onelogin -n '__onelogin_at roles' -a remove_users -d 'Take a role away from users'
complete -c onelogin -n '__onelogin_at help roles' -a remove_users
complete -c onelogin -n '__onelogin_at roles' -a set_apps -d 'Replace the list of apps a role grants'
complete -c onelogin -n '__onelogin_at help roles' -a set_apps
complete -c onelogin -n '__onelogin_at roles' -a update -d 'Rename a role or replace its memberships'
complete -c onelogin -n '__onelogin_at help roles' -a update
complete -c onelogin -n '__onelogin_at roles update +' -l name -x
complete -c onelogin -n '__onelogin_at roles update +' -l apps -x
complete -c onelogin -n '__onelogin_at roles update +' -l users -x
complete -c onelogin -n '__onelogin_at roles update +' -l admins -x
complete -c onelogin -n __onelogin_at -a roles_v1
complete -c onelogin -n '__onelogin_at help' -a roles_v1
complete -c onelogin -n '__onelogin_at roles_v1' -a get -d 'Fetch a role'
complete -c onelogin -n '__onelogin_at help roles_v1' -a get
complete -c onelogin -n '__onelogin_at roles_v1' -a list -d 'Page through the roles by cursor, filtered if wanted'
complete -c onelogin -n '__onelogin_at help roles_v1' -a list
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l id -x
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l name -x
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l sort -x
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l limit -x
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at roles_v1 list +' -l before_cursor -x
complete -c onelogin -n __onelogin_at -a groups
complete -c onelogin -n '__onelogin_at help' -a groups
complete -c onelogin -n '__onelogin_at groups' -a create -d 'Create a group'
complete -c onelogin -n '__onelogin_at help groups' -a create
complete -c onelogin -n '__onelogin_at groups create +' -l name -x
complete -c onelogin -n '__onelogin_at groups create +' -l reference -x
complete -c onelogin -n '__onelogin_at groups create +' -l policy_id -x
complete -c onelogin -n '__onelogin_at groups' -a delete -d 'Delete a group'
complete -c onelogin -n '__onelogin_at help groups' -a delete
complete -c onelogin -n '__onelogin_at groups' -a get -d 'Fetch a group'
complete -c onelogin -n '__onelogin_at help groups' -a get
complete -c onelogin -n '__onelogin_at groups' -a list -d 'Page through the groups, filtered if wanted'
complete -c onelogin -n '__onelogin_at help groups' -a list
complete -c onelogin -n '__onelogin_at groups list +' -l name -x
complete -c onelogin -n '__onelogin_at groups list +' -l reference -x
complete -c onelogin -n '__onelogin_at groups list +' -l limit -x
complete -c onelogin -n '__onelogin_at groups list +' -l page -x
complete -c onelogin -n '__onelogin_at groups' -a update -d 'Rename a group or change its policy'
complete -c onelogin -n '__onelogin_at help groups' -a update
complete -c onelogin -n '__onelogin_at groups update +' -l name -x
complete -c onelogin -n '__onelogin_at groups update +' -l reference -x
complete -c onelogin -n '__onelogin_at groups update +' -l policy_id -x
complete -c onelogin -n __onelogin_at -a groups_v1
complete -c onelogin -n '__onelogin_at help' -a groups_v1
complete -c onelogin -n '__onelogin_at groups_v1' -a get -d 'Fetch a group'
complete -c onelogin -n '__onelogin_at help groups_v1' -a get
complete -c onelogin -n '__onelogin_at groups_v1' -a list -d 'Page through the groups by cursor'
complete -c onelogin -n '__onelogin_at help groups_v1' -a list
complete -c onelogin -n '__onelogin_at groups_v1 list +' -l id -x
complete -c onelogin -n '__onelogin_at groups_v1 list +' -l sort -x
complete -c onelogin -n '__onelogin_at groups_v1 list +' -l limit -x
complete -c onelogin -n '__onelogin_at groups_v1 list +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at groups_v1 list +' -l before_cursor -x
complete -c onelogin -n __onelogin_at -a custom_attributes
complete -c onelogin -n '__onelogin_at help' -a custom_attributes
complete -c onelogin -n '__onelogin_at custom_attributes' -a create -d 'Define a custom field'
complete -c onelogin -n '__onelogin_at help custom_attributes' -a create
complete -c onelogin -n '__onelogin_at custom_attributes create +' -l name -x
complete -c onelogin -n '__onelogin_at custom_attributes create +' -l shortname -x
complete -c onelogin -n '__onelogin_at custom_attributes create +' -l position -x
complete -c onelogin -n '__onelogin_at custom_attributes' -a delete -d 'Delete a custom field with all its values'
complete -c onelogin -n '__onelogin_at help custom_attributes' -a delete
complete -c onelogin -n '__onelogin_at custom_attributes' -a get -d 'Fetch the definition of a custom field'
complete -c onelogin -n '__onelogin_at help custom_attributes' -a get
complete -c onelogin -n '__onelogin_at custom_attributes' -a list -d 'List the custom fields that users have'
complete -c onelogin -n '__onelogin_at help custom_attributes' -a list
complete -c onelogin -n '__onelogin_at custom_attributes' -a update -d 'Rename or move a custom field'
complete -c onelogin -n '__onelogin_at help custom_attributes' -a update
complete -c onelogin -n '__onelogin_at custom_attributes update +' -l name -x
complete -c onelogin -n '__onelogin_at custom_attributes update +' -l shortname -x
complete -c onelogin -n '__onelogin_at custom_attributes update +' -l position -x
complete -c onelogin -n __onelogin_at -a apps
complete -c onelogin -n '__onelogin_at help' -a apps
complete -c onelogin -n '__onelogin_at apps' -a create -d 'Make an app from a connector'
complete -c onelogin -n '__onelogin_at help apps' -a create
complete -c onelogin -n '__onelogin_at apps create +' -l name -x
complete -c onelogin -n '__onelogin_at apps create +' -l connector_id -x
complete -c onelogin -n '__onelogin_at apps create +' -l description -x
complete -c onelogin -n '__onelogin_at apps create +' -l notes -x
complete -c onelogin -n '__onelogin_at apps create +' -l visible -x -a 'true false'
complete -c onelogin -n '__onelogin_at apps create +' -l policy_id -x
complete -c onelogin -n '__onelogin_at apps create +' -l brand_id -x
complete -c onelogin -n '__onelogin_at apps create +' -l tab_id -x
complete -c onelogin -n '__onelogin_at apps create +' -l allow_assumed_signin -x -a 'true false'
complete -c onelogin -n '__onelogin_at apps create +' -l role_ids -x
complete -c onelogin -n '__onelogin_at apps create +' -l provisioning -x
complete -c onelogin -n '__onelogin_at apps create +' -l parameters -x
complete -c onelogin -n '__onelogin_at apps create +' -l configuration -x
complete -c onelogin -n '__onelogin_at apps create +' -l enforcement_point -x
complete -c onelogin -n '__onelogin_at apps create +' -l id -x
complete -c onelogin -n '__onelogin_at apps create +' -l icon_url -x
complete -c onelogin -n '__onelogin_at apps create +' -l auth_method -x
complete -c onelogin -n '__onelogin_at apps create +' -l auth_method_description -x
complete -c onelogin -n '__onelogin_at apps create +' -l sso -x
complete -c onelogin -n '__onelogin_at apps create +' -l created_at -x
complete -c onelogin -n '__onelogin_at apps create +' -l updated_at -x
complete -c onelogin -n '__onelogin_at apps' -a delete -d 'Delete an app'
complete -c onelogin -n '__onelogin_at help apps' -a delete
complete -c onelogin -n '__onelogin_at apps' -a delete_parameter -d 'Delete a parameter that was added to an app'
complete -c onelogin -n '__onelogin_at help apps' -a delete_parameter
complete -c onelogin -n '__onelogin_at apps' -a get -d 'Fetch an app with its whole configuration'
complete -c onelogin -n '__onelogin_at help apps' -a get
complete -c onelogin -n '__onelogin_at apps' -a list -d 'Page through the apps, filtered if wanted'
complete -c onelogin -n '__onelogin_at help apps' -a list
complete -c onelogin -n '__onelogin_at apps list +' -l name -x
complete -c onelogin -n '__onelogin_at apps list +' -l connector_id -x
complete -c onelogin -n '__onelogin_at apps list +' -l auth_method -x -a '0 1 2 3 4 6 7 8'
complete -c onelogin -n '__onelogin_at apps list +' -l limit -x
complete -c onelogin -n '__onelogin_at apps list +' -l page -x
complete -c onelogin -n '__onelogin_at apps' -a list_users -d 'List the users who have an app'
complete -c onelogin -n '__onelogin_at help apps' -a list_users
complete -c onelogin -n '__onelogin_at apps list_users +' -l limit -x
complete -c onelogin -n '__onelogin_at apps list_users +' -l page -x
complete -c onelogin -n '__onelogin_at apps' -a update -d 'Change the settings of an app'
complete -c onelogin -n '__onelogin_at help apps' -a update
complete -c onelogin -n '__onelogin_at apps update +' -l name -x
complete -c onelogin -n '__onelogin_at apps update +' -l connector_id -x
complete -c onelogin -n '__onelogin_at apps update +' -l description -x
complete -c onelogin -n '__onelogin_at apps update +' -l notes -x
complete -c onelogin -n '__onelogin_at apps update +' -l visible -x -a 'true false'
complete -c onelogin -n '__onelogin_at apps update +' -l policy_id -x
complete -c onelogin -n '__onelogin_at apps update +' -l brand_id -x
complete -c onelogin -n '__onelogin_at apps update +' -l tab_id -x
complete -c onelogin -n '__onelogin_at apps update +' -l allow_assumed_signin -x -a 'true false'
complete -c onelogin -n '__onelogin_at apps update +' -l role_ids -x
complete -c onelogin -n '__onelogin_at apps update +' -l provisioning -x
complete -c onelogin -n '__onelogin_at apps update +' -l parameters -x
complete -c onelogin -n '__onelogin_at apps update +' -l configuration -x
complete -c onelogin -n '__onelogin_at apps update +' -l enforcement_point -x
complete -c onelogin -n '__onelogin_at apps update +' -l id -x
complete -c onelogin -n '__onelogin_at apps update +' -l icon_url -x
complete -c onelogin -n '__onelogin_at apps update +' -l auth_method -x
complete -c onelogin -n '__onelogin_at apps update +' -l auth_method_description -x
complete -c onelogin -n '__onelogin_at apps update +' -l sso -x
complete -c onelogin -n '__onelogin_at apps update +' -l created_at -x
complete -c onelogin -n '__onelogin_at apps update +' -l updated_at -x
complete -c onelogin -n __onelogin_at -a apps_v1
complete -c onelogin -n '__onelogin_at help' -a apps_v1
complete -c onelogin -n '__onelogin_at apps_v1' -a list -d 'Page through the apps by cursor, in a short form'
complete -c onelogin -n '__onelogin_at help apps_v1' -a list
complete -c onelogin -n '__onelogin_at apps_v1 list +' -l sort -x
complete -c onelogin -n '__onelogin_at apps_v1 list +' -l limit -x
complete -c onelogin -n '__onelogin_at apps_v1 list +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at apps_v1 list +' -l before_cursor -x
complete -c onelogin -n __onelogin_at -a connectors
complete -c onelogin -n '__onelogin_at help' -a connectors
complete -c onelogin -n '__onelogin_at connectors' -a list -d 'Page through the templates that apps are made from'
complete -c onelogin -n '__onelogin_at help connectors' -a list
complete -c onelogin -n '__onelogin_at connectors list +' -l name -x
complete -c onelogin -n '__onelogin_at connectors list +' -l auth_method -x -a '0 1 2 3 4 6 7 8'
complete -c onelogin -n '__onelogin_at connectors list +' -l limit -x
complete -c onelogin -n '__onelogin_at connectors list +' -l page -x
complete -c onelogin -n __onelogin_at -a app_rules
complete -c onelogin -n '__onelogin_at help' -a app_rules
complete -c onelogin -n '__onelogin_at app_rules' -a create -d 'Add a rule to an app'
complete -c onelogin -n '__onelogin_at help app_rules' -a create
complete -c onelogin -n '__onelogin_at app_rules create +' -l name -x
complete -c onelogin -n '__onelogin_at app_rules create +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at app_rules create +' -l match -x -a 'all any'
complete -c onelogin -n '__onelogin_at app_rules create +' -l position -x
complete -c onelogin -n '__onelogin_at app_rules create +' -l conditions -x
complete -c onelogin -n '__onelogin_at app_rules create +' -l actions -x
complete -c onelogin -n '__onelogin_at app_rules' -a delete -d 'Delete a rule'
complete -c onelogin -n '__onelogin_at help app_rules' -a delete
complete -c onelogin -n '__onelogin_at app_rules' -a get -d 'Fetch a rule'
complete -c onelogin -n '__onelogin_at help app_rules' -a get
complete -c onelogin -n '__onelogin_at app_rules' -a list -d 'List the rules of an app'
complete -c onelogin -n '__onelogin_at help app_rules' -a list
complete -c onelogin -n '__onelogin_at app_rules list +' -l has_condition -x
complete -c onelogin -n '__onelogin_at app_rules list +' -l has_condition_type -x -a 'builtin custom none'
complete -c onelogin -n '__onelogin_at app_rules list +' -l has_action -x
complete -c onelogin -n '__onelogin_at app_rules list +' -l has_action_type -x -a 'builtin custom none'
complete -c onelogin -n '__onelogin_at app_rules list +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at app_rules' -a list_action_values -d 'List the values that an action allows'
complete -c onelogin -n '__onelogin_at help app_rules' -a list_action_values
complete -c onelogin -n '__onelogin_at app_rules' -a list_actions -d 'List what an app\'s rules can do'
complete -c onelogin -n '__onelogin_at help app_rules' -a list_actions
complete -c onelogin -n '__onelogin_at app_rules' -a list_condition_operators -d 'List the comparisons that a condition allows'
complete -c onelogin -n '__onelogin_at help app_rules' -a list_condition_operators
complete -c onelogin -n '__onelogin_at app_rules' -a list_condition_values -d 'List the values that a condition allows'
complete -c onelogin -n '__onelogin_at help app_rules' -a list_condition_values
complete -c onelogin -n '__onelogin_at app_rules' -a list_conditions -d 'List what the conditions of an app\'s rules can look at'
complete -c onelogin -n '__onelogin_at help app_rules' -a list_conditions
complete -c onelogin -n '__onelogin_at app_rules' -a sort -d 'Put all rules of an app in order'
complete -c onelogin -n '__onelogin_at help app_rules' -a sort
complete -c onelogin -n '__onelogin_at app_rules' -a update -d 'Replace a rule'
complete -c onelogin -n '__onelogin_at help app_rules' -a update
complete -c onelogin -n '__onelogin_at app_rules update +' -l name -x
complete -c onelogin -n '__onelogin_at app_rules update +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at app_rules update +' -l match -x -a 'all any'
complete -c onelogin -n '__onelogin_at app_rules update +' -l position -x
complete -c onelogin -n '__onelogin_at app_rules update +' -l conditions -x
complete -c onelogin -n '__onelogin_at app_rules update +' -l actions -x
complete -c onelogin -n __onelogin_at -a mappings
complete -c onelogin -n '__onelogin_at help' -a mappings
complete -c onelogin -n '__onelogin_at mappings' -a create -d 'Create a mapping'
complete -c onelogin -n '__onelogin_at help mappings' -a create
complete -c onelogin -n '__onelogin_at mappings create +' -l name -x
complete -c onelogin -n '__onelogin_at mappings create +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at mappings create +' -l match -x -a 'all any'
complete -c onelogin -n '__onelogin_at mappings create +' -l position -x
complete -c onelogin -n '__onelogin_at mappings create +' -l conditions -x
complete -c onelogin -n '__onelogin_at mappings create +' -l actions -x
complete -c onelogin -n '__onelogin_at mappings' -a delete -d 'Delete a mapping'
complete -c onelogin -n '__onelogin_at help mappings' -a delete
complete -c onelogin -n '__onelogin_at mappings' -a dry_run -d 'Tell which of some users a mapping would touch'
complete -c onelogin -n '__onelogin_at help mappings' -a dry_run
complete -c onelogin -n '__onelogin_at mappings' -a get -d 'Fetch a mapping'
complete -c onelogin -n '__onelogin_at help mappings' -a get
complete -c onelogin -n '__onelogin_at mappings' -a list -d 'List the mappings of the account'
complete -c onelogin -n '__onelogin_at help mappings' -a list
complete -c onelogin -n '__onelogin_at mappings list +' -l has_condition -x
complete -c onelogin -n '__onelogin_at mappings list +' -l has_condition_type -x -a 'builtin custom none'
complete -c onelogin -n '__onelogin_at mappings list +' -l has_action -x
complete -c onelogin -n '__onelogin_at mappings list +' -l has_action_type -x -a 'builtin custom none'
complete -c onelogin -n '__onelogin_at mappings list +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at mappings' -a list_action_values -d 'List the values that an action allows'
complete -c onelogin -n '__onelogin_at help mappings' -a list_action_values
complete -c onelogin -n '__onelogin_at mappings' -a list_actions -d 'List what mappings can do'
complete -c onelogin -n '__onelogin_at help mappings' -a list_actions
complete -c onelogin -n '__onelogin_at mappings' -a list_condition_operators -d 'List the comparisons that a condition allows'
complete -c onelogin -n '__onelogin_at help mappings' -a list_condition_operators
complete -c onelogin -n '__onelogin_at mappings' -a list_condition_values -d 'List the values that a condition allows'
complete -c onelogin -n '__onelogin_at help mappings' -a list_condition_values
complete -c onelogin -n '__onelogin_at mappings' -a list_conditions -d 'List what the conditions of mappings can look at'
complete -c onelogin -n '__onelogin_at help mappings' -a list_conditions
complete -c onelogin -n '__onelogin_at mappings' -a sort -d 'Put all mappings in order'
complete -c onelogin -n '__onelogin_at help mappings' -a sort
complete -c onelogin -n '__onelogin_at mappings' -a update -d 'Replace a mapping'
complete -c onelogin -n '__onelogin_at help mappings' -a update
complete -c onelogin -n '__onelogin_at mappings update +' -l name -x
complete -c onelogin -n '__onelogin_at mappings update +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at mappings update +' -l match -x -a 'all any'
complete -c onelogin -n '__onelogin_at mappings update +' -l position -x
complete -c onelogin -n '__onelogin_at mappings update +' -l conditions -x
complete -c onelogin -n '__onelogin_at mappings update +' -l actions -x
complete -c onelogin -n __onelogin_at -a hooks
complete -c onelogin -n '__onelogin_at help' -a hooks
complete -c onelogin -n '__onelogin_at hooks' -a create -d 'Create a hook'
complete -c onelogin -n '__onelogin_at help hooks' -a create
complete -c onelogin -n '__onelogin_at hooks create +' -l type -x -a 'pre-authentication user-migration pre-user-create post-user-create pre-user-update post-user-update'
complete -c onelogin -n '__onelogin_at hooks create +' -l function -x
complete -c onelogin -n '__onelogin_at hooks create +' -l disabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at hooks create +' -l runtime -x
complete -c onelogin -n '__onelogin_at hooks create +' -l retries -x
complete -c onelogin -n '__onelogin_at hooks create +' -l env_vars -x
complete -c onelogin -n '__onelogin_at hooks create +' -l packages -x
complete -c onelogin -n '__onelogin_at hooks create +' -l context_version -x
complete -c onelogin -n '__onelogin_at hooks create +' -l options -x
complete -c onelogin -n '__onelogin_at hooks create +' -l conditions -x
complete -c onelogin -n '__onelogin_at hooks' -a create_env -d 'Define a variable'
complete -c onelogin -n '__onelogin_at help hooks' -a create_env
complete -c onelogin -n '__onelogin_at hooks create_env +' -l name -x
complete -c onelogin -n '__onelogin_at hooks create_env +' -l value -x
complete -c onelogin -n '__onelogin_at hooks' -a delete -d 'Delete a hook'
complete -c onelogin -n '__onelogin_at help hooks' -a delete
complete -c onelogin -n '__onelogin_at hooks' -a delete_env -d 'Delete a variable'
complete -c onelogin -n '__onelogin_at help hooks' -a delete_env
complete -c onelogin -n '__onelogin_at hooks' -a get -d 'Fetch a hook with its code'
complete -c onelogin -n '__onelogin_at help hooks' -a get
complete -c onelogin -n '__onelogin_at hooks' -a get_env -d 'Fetch a variable, without its value'
complete -c onelogin -n '__onelogin_at help hooks' -a get_env
complete -c onelogin -n '__onelogin_at hooks' -a list -d 'Page through the hooks'
complete -c onelogin -n '__onelogin_at help hooks' -a list
complete -c onelogin -n '__onelogin_at hooks list +' -l limit -x
complete -c onelogin -n '__onelogin_at hooks list +' -l page -x
complete -c onelogin -n '__onelogin_at hooks' -a list_envs -d 'Page through the variables that hooks can see'
complete -c onelogin -n '__onelogin_at help hooks' -a list_envs
complete -c onelogin -n '__onelogin_at hooks list_envs +' -l limit -x
complete -c onelogin -n '__onelogin_at hooks list_envs +' -l page -x
complete -c onelogin -n '__onelogin_at hooks' -a list_logs -d 'Page through the logs of a hook'
complete -c onelogin -n '__onelogin_at help hooks' -a list_logs
complete -c onelogin -n '__onelogin_at hooks list_logs +' -l request_id -x
complete -c onelogin -n '__onelogin_at hooks list_logs +' -l correlation_id -x
complete -c onelogin -n '__onelogin_at hooks list_logs +' -l limit -x
complete -c onelogin -n '__onelogin_at hooks list_logs +' -l page -x
complete -c onelogin -n '__onelogin_at hooks' -a update -d 'Replace a hook'
complete -c onelogin -n '__onelogin_at help hooks' -a update
complete -c onelogin -n '__onelogin_at hooks update +' -l type -x -a 'pre-authentication user-migration pre-user-create post-user-create pre-user-update post-user-update'
complete -c onelogin -n '__onelogin_at hooks update +' -l function -x
complete -c onelogin -n '__onelogin_at hooks update +' -l disabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at hooks update +' -l runtime -x
complete -c onelogin -n '__onelogin_at hooks update +' -l retries -x
complete -c onelogin -n '__onelogin_at hooks update +' -l env_vars -x
complete -c onelogin -n '__onelogin_at hooks update +' -l packages -x
complete -c onelogin -n '__onelogin_at hooks update +' -l context_version -x
complete -c onelogin -n '__onelogin_at hooks update +' -l options -x
complete -c onelogin -n '__onelogin_at hooks update +' -l conditions -x
complete -c onelogin -n '__onelogin_at hooks' -a update_env -d 'Change the value of a variable'
complete -c onelogin -n '__onelogin_at help hooks' -a update_env
complete -c onelogin -n '__onelogin_at hooks update_env +' -l value -x
complete -c onelogin -n __onelogin_at -a accounts
complete -c onelogin -n '__onelogin_at help' -a accounts
complete -c onelogin -n '__onelogin_at accounts' -a create -d 'Create an account'
complete -c onelogin -n '__onelogin_at help accounts' -a create
complete -c onelogin -n '__onelogin_at accounts create +' -l account -x
complete -c onelogin -n '__onelogin_at accounts create +' -l api_credential -x
complete -c onelogin -n '__onelogin_at accounts create +' -l plan -x
complete -c onelogin -n '__onelogin_at accounts create +' -l subscription_state -x
complete -c onelogin -n '__onelogin_at accounts create +' -l enforce_user_limit -x -a 'true false'
complete -c onelogin -n '__onelogin_at accounts create +' -l email_activation -x
complete -c onelogin -n '__onelogin_at accounts' -a get -d 'Fetch an account'
complete -c onelogin -n '__onelogin_at help accounts' -a get
complete -c onelogin -n '__onelogin_at accounts' -a list -d 'Page through the accounts of a reseller\'s customers'
complete -c onelogin -n '__onelogin_at help accounts' -a list
complete -c onelogin -n '__onelogin_at accounts list +' -l limit -x
complete -c onelogin -n '__onelogin_at accounts list +' -l page -x
complete -c onelogin -n '__onelogin_at accounts' -a update -d 'Change an account'
complete -c onelogin -n '__onelogin_at help accounts' -a update
complete -c onelogin -n '__onelogin_at accounts update +' -l account -x
complete -c onelogin -n '__onelogin_at accounts update +' -l api_credential -x
complete -c onelogin -n __onelogin_at -a mfa
complete -c onelogin -n '__onelogin_at help' -a mfa
complete -c onelogin -n '__onelogin_at mfa' -a activate_factor -d 'Start verifying a device: send its code, push, call or link'
complete -c onelogin -n '__onelogin_at help mfa' -a activate_factor
complete -c onelogin -n '__onelogin_at mfa activate_factor +' -l device_id -x
complete -c onelogin -n '__onelogin_at mfa activate_factor +' -l expires_in -x
complete -c onelogin -n '__onelogin_at mfa activate_factor +' -l redirect_to -x
complete -c onelogin -n '__onelogin_at mfa activate_factor +' -l custom_message -x
complete -c onelogin -n '__onelogin_at mfa activate_factor +' -l otp -x
complete -c onelogin -n '__onelogin_at mfa' -a enroll_factor -d 'Start enrolling a user with a factor'
complete -c onelogin -n '__onelogin_at help mfa' -a enroll_factor
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l factor_id -x
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l display_name -x
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l expires_in -x
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l verified -x -a 'true false'
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l redirect_to -x
complete -c onelogin -n '__onelogin_at mfa enroll_factor +' -l custom_message -x
complete -c onelogin -n '__onelogin_at mfa' -a generate_token -d 'Make a temporary code for a user, and a device to check it against'
complete -c onelogin -n '__onelogin_at help mfa' -a generate_token
complete -c onelogin -n '__onelogin_at mfa generate_token +' -l expires_in -x
complete -c onelogin -n '__onelogin_at mfa generate_token +' -l reusable -x -a 'true false'
complete -c onelogin -n '__onelogin_at mfa' -a get_enrollment -d 'Read how far an enrolment is'
complete -c onelogin -n '__onelogin_at help mfa' -a get_enrollment
complete -c onelogin -n '__onelogin_at mfa' -a get_verification -d 'Read how a started verification stands'
complete -c onelogin -n '__onelogin_at help mfa' -a get_verification
complete -c onelogin -n '__onelogin_at mfa' -a list_devices -d 'List the devices of a user that can be verified'
complete -c onelogin -n '__onelogin_at help mfa' -a list_devices
complete -c onelogin -n '__onelogin_at mfa' -a list_factors -d 'List the factors a user could enrol'
complete -c onelogin -n '__onelogin_at help mfa' -a list_factors
complete -c onelogin -n '__onelogin_at mfa' -a remove_factor -d 'Remove a device from a user'
complete -c onelogin -n '__onelogin_at help mfa' -a remove_factor
complete -c onelogin -n '__onelogin_at mfa' -a verify_enrollment -d 'Confirm a pending enrolment with its code'
complete -c onelogin -n '__onelogin_at help mfa' -a verify_enrollment
complete -c onelogin -n '__onelogin_at mfa verify_enrollment +' -l otp -x
complete -c onelogin -n '__onelogin_at mfa' -a verify_factor -d 'Check the code of a started verification'
complete -c onelogin -n '__onelogin_at help mfa' -a verify_factor
complete -c onelogin -n '__onelogin_at mfa verify_factor +' -l otp -x
complete -c onelogin -n '__onelogin_at mfa verify_factor +' -l device_id -x
complete -c onelogin -n __onelogin_at -a mfa_v1
complete -c onelogin -n '__onelogin_at help' -a mfa_v1
complete -c onelogin -n '__onelogin_at mfa_v1' -a activate_factor -d 'Send a device its code or push, and get a state token'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a activate_factor
complete -c onelogin -n '__onelogin_at mfa_v1 activate_factor +' -l state_token_expires_in -x
complete -c onelogin -n '__onelogin_at mfa_v1 activate_factor +' -l numeric_sms_otp -x -a 'true false'
complete -c onelogin -n '__onelogin_at mfa_v1 activate_factor +' -l sms_message -x
complete -c onelogin -n '__onelogin_at mfa_v1' -a enroll_factor -d 'Enrol a user with SMS or voice'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a enroll_factor
complete -c onelogin -n '__onelogin_at mfa_v1 enroll_factor +' -l factor_id -x
complete -c onelogin -n '__onelogin_at mfa_v1 enroll_factor +' -l display_name -x
complete -c onelogin -n '__onelogin_at mfa_v1 enroll_factor +' -l number -x
complete -c onelogin -n '__onelogin_at mfa_v1 enroll_factor +' -l verified -x -a 'true false'
complete -c onelogin -n '__onelogin_at mfa_v1' -a generate_token -d 'Make a temporary code that stands in for any device of a user'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a generate_token
complete -c onelogin -n '__onelogin_at mfa_v1 generate_token +' -l expires_in -x
complete -c onelogin -n '__onelogin_at mfa_v1 generate_token +' -l reusable -x -a 'true false'
complete -c onelogin -n '__onelogin_at mfa_v1' -a list_devices -d 'List the devices of a user, those not yet confirmed too'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a list_devices
complete -c onelogin -n '__onelogin_at mfa_v1' -a list_factors -d 'List the factors a user could enrol here'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a list_factors
complete -c onelogin -n '__onelogin_at mfa_v1' -a remove_factor -d 'Remove a device from a user'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a remove_factor
complete -c onelogin -n '__onelogin_at mfa_v1' -a verify_factor -d 'Check a code, or ask how a push stands'
complete -c onelogin -n '__onelogin_at help mfa_v1' -a verify_factor
complete -c onelogin -n '__onelogin_at mfa_v1 verify_factor +' -l otp_token -x
complete -c onelogin -n '__onelogin_at mfa_v1 verify_factor +' -l state_token -x
complete -c onelogin -n __onelogin_at -a login
complete -c onelogin -n '__onelogin_at help' -a login
complete -c onelogin -n '__onelogin_at login' -a create_session -d 'Turn a session token into a browser session'
complete -c onelogin -n '__onelogin_at help login' -a create_session
complete -c onelogin -n '__onelogin_at login create_session +' -l session_token -x
complete -c onelogin -n '__onelogin_at login' -a create_session_token -d 'Check a password; answer a session token, or the devices of a second factor'
complete -c onelogin -n '__onelogin_at help login' -a create_session_token
complete -c onelogin -n '__onelogin_at login create_session_token +' -l Custom-Allowed-Origin-Header-1 -x
complete -c onelogin -n '__onelogin_at login create_session_token +' -l username_or_email -x
complete -c onelogin -n '__onelogin_at login create_session_token +' -l password -x
complete -c onelogin -n '__onelogin_at login create_session_token +' -l return_to_url -x
complete -c onelogin -n '__onelogin_at login create_session_token +' -l ip_address -x
complete -c onelogin -n '__onelogin_at login create_session_token +' -l browser_id -x
complete -c onelogin -n '__onelogin_at login' -a verify_factor -d 'Check the second factor of a sign-in; answer the session token'
complete -c onelogin -n '__onelogin_at help login' -a verify_factor
complete -c onelogin -n '__onelogin_at login verify_factor +' -l Custom-Allowed-Origin-Header-1 -x
complete -c onelogin -n '__onelogin_at login verify_factor +' -l device_id -x
complete -c onelogin -n '__onelogin_at login verify_factor +' -l state_token -x
complete -c onelogin -n '__onelogin_at login verify_factor +' -l otp_token -x
complete -c onelogin -n '__onelogin_at login verify_factor +' -l do_not_notify -x -a 'true false'
complete -c onelogin -n __onelogin_at -a saml
complete -c onelogin -n '__onelogin_at help' -a saml
complete -c onelogin -n '__onelogin_at saml' -a generate_assertion -d 'Check a password; answer an app\'s SAML response, or the devices of a second factor'
complete -c onelogin -n '__onelogin_at help saml' -a generate_assertion
complete -c onelogin -n '__onelogin_at saml generate_assertion +' -l username_or_email -x
complete -c onelogin -n '__onelogin_at saml generate_assertion +' -l password -x
complete -c onelogin -n '__onelogin_at saml generate_assertion +' -l app_id -x
complete -c onelogin -n '__onelogin_at saml generate_assertion +' -l ip_address -x
complete -c onelogin -n '__onelogin_at saml' -a verify_factor -d 'Check the second factor of an assertion, or ask how a push stands'
complete -c onelogin -n '__onelogin_at help saml' -a verify_factor
complete -c onelogin -n '__onelogin_at saml verify_factor +' -l app_id -x
complete -c onelogin -n '__onelogin_at saml verify_factor +' -l device_id -x
complete -c onelogin -n '__onelogin_at saml verify_factor +' -l state_token -x
complete -c onelogin -n '__onelogin_at saml verify_factor +' -l otp_token -x
complete -c onelogin -n '__onelogin_at saml verify_factor +' -l do_not_notify -x -a 'true false'
complete -c onelogin -n __onelogin_at -a saml_v1
complete -c onelogin -n '__onelogin_at help' -a saml_v1
complete -c onelogin -n '__onelogin_at saml_v1' -a generate_assertion -d 'Check a password; answer an app\'s SAML response, or the devices of a second factor'
complete -c onelogin -n '__onelogin_at help saml_v1' -a generate_assertion
complete -c onelogin -n '__onelogin_at saml_v1 generate_assertion +' -l username_or_email -x
complete -c onelogin -n '__onelogin_at saml_v1 generate_assertion +' -l password -x
complete -c onelogin -n '__onelogin_at saml_v1 generate_assertion +' -l app_id -x
complete -c onelogin -n '__onelogin_at saml_v1 generate_assertion +' -l ip_address -x
complete -c onelogin -n '__onelogin_at saml_v1' -a verify_factor -d 'Check the second factor of an assertion, or ask how a push stands'
complete -c onelogin -n '__onelogin_at help saml_v1' -a verify_factor
complete -c onelogin -n '__onelogin_at saml_v1 verify_factor +' -l app_id -x
complete -c onelogin -n '__onelogin_at saml_v1 verify_factor +' -l device_id -x
complete -c onelogin -n '__onelogin_at saml_v1 verify_factor +' -l state_token -x
complete -c onelogin -n '__onelogin_at saml_v1 verify_factor +' -l otp_token -x
complete -c onelogin -n '__onelogin_at saml_v1 verify_factor +' -l do_not_notify -x -a 'true false'
complete -c onelogin -n __onelogin_at -a smart_mfa
complete -c onelogin -n '__onelogin_at help' -a smart_mfa
complete -c onelogin -n '__onelogin_at smart_mfa' -a validate_user -d 'Score the risk of a sign-in, and send a code when it is high'
complete -c onelogin -n '__onelogin_at help smart_mfa' -a validate_user
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l user_identifier -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l context -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l phone -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l email -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l risk_threshold -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l firstname -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l lastname -x
complete -c onelogin -n '__onelogin_at smart_mfa validate_user +' -l expires_in -x
complete -c onelogin -n '__onelogin_at smart_mfa' -a verify_token -d 'Check the code of a Smart MFA validation'
complete -c onelogin -n '__onelogin_at help smart_mfa' -a verify_token
complete -c onelogin -n '__onelogin_at smart_mfa verify_token +' -l state_token -x
complete -c onelogin -n '__onelogin_at smart_mfa verify_token +' -l otp_token -x
complete -c onelogin -n __onelogin_at -a legacy
complete -c onelogin -n '__onelogin_at help' -a legacy
complete -c onelogin -n '__onelogin_at legacy' -a delegated_auth -d 'Check a password by API key, the old way'
complete -c onelogin -n '__onelogin_at help legacy' -a delegated_auth
complete -c onelogin -n '__onelogin_at legacy delegated_auth +' -l api_key -x
complete -c onelogin -n '__onelogin_at legacy delegated_auth +' -l email -x
complete -c onelogin -n '__onelogin_at legacy delegated_auth +' -l password -x
complete -c onelogin -n __onelogin_at -a events
complete -c onelogin -n '__onelogin_at help' -a events
complete -c onelogin -n '__onelogin_at events' -a create -d 'Write an event'
complete -c onelogin -n '__onelogin_at help events' -a create
complete -c onelogin -n '__onelogin_at events create +' -l event_type_id -x
complete -c onelogin -n '__onelogin_at events create +' -l account_id -x
complete -c onelogin -n '__onelogin_at events create +' -l actor_system -x
complete -c onelogin -n '__onelogin_at events create +' -l actor_user_id -x
complete -c onelogin -n '__onelogin_at events create +' -l actor_user_name -x
complete -c onelogin -n '__onelogin_at events create +' -l app_id -x
complete -c onelogin -n '__onelogin_at events create +' -l assuming_acting_user_id -x
complete -c onelogin -n '__onelogin_at events create +' -l custom_message -x
complete -c onelogin -n '__onelogin_at events create +' -l directory_sync_run_id -x
complete -c onelogin -n '__onelogin_at events create +' -l group_id -x
complete -c onelogin -n '__onelogin_at events create +' -l group_name -x
complete -c onelogin -n '__onelogin_at events create +' -l ipaddr -x
complete -c onelogin -n '__onelogin_at events create +' -l otp_device_id -x
complete -c onelogin -n '__onelogin_at events create +' -l otp_device_name -x
complete -c onelogin -n '__onelogin_at events create +' -l policy_id -x
complete -c onelogin -n '__onelogin_at events create +' -l policy_name -x
complete -c onelogin -n '__onelogin_at events create +' -l role_id -x
complete -c onelogin -n '__onelogin_at events create +' -l role_name -x
complete -c onelogin -n '__onelogin_at events create +' -l user_id -x
complete -c onelogin -n '__onelogin_at events create +' -l user_name -x
complete -c onelogin -n '__onelogin_at events' -a get -d 'Fetch an event'
complete -c onelogin -n '__onelogin_at help events' -a get
complete -c onelogin -n '__onelogin_at events' -a list -d 'Page through the events by cursor, filtered if wanted'
complete -c onelogin -n '__onelogin_at help events' -a list
complete -c onelogin -n '__onelogin_at events list +' -l since -x
complete -c onelogin -n '__onelogin_at events list +' -l until -x
complete -c onelogin -n '__onelogin_at events list +' -l created_at -x
complete -c onelogin -n '__onelogin_at events list +' -l event_type_id -x
complete -c onelogin -n '__onelogin_at events list +' -l user_id -x
complete -c onelogin -n '__onelogin_at events list +' -l user_name -x
complete -c onelogin -n '__onelogin_at events list +' -l directory_id -x
complete -c onelogin -n '__onelogin_at events list +' -l id -x
complete -c onelogin -n '__onelogin_at events list +' -l resolution -x
complete -c onelogin -n '__onelogin_at events list +' -l sort -x
complete -c onelogin -n '__onelogin_at events list +' -l limit -x
complete -c onelogin -n '__onelogin_at events list +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at events list +' -l before_cursor -x
complete -c onelogin -n '__onelogin_at events' -a types -d 'List every type of event with its name and template'
complete -c onelogin -n '__onelogin_at help events' -a types
complete -c onelogin -n '__onelogin_at events' -a follow -d ''
complete -c onelogin -n '__onelogin_at help events' -a follow
complete -c onelogin -n '__onelogin_at events follow +' -l since -x
complete -c onelogin -n '__onelogin_at events follow +' -l checkpoint -x
complete -c onelogin -n '__onelogin_at events follow +' -l overlap -x
complete -c onelogin -n '__onelogin_at events follow +' -l interval -x
complete -c onelogin -n '__onelogin_at events follow +' -l once -x
complete -c onelogin -n __onelogin_at -a invites
complete -c onelogin -n '__onelogin_at help' -a invites
complete -c onelogin -n '__onelogin_at invites' -a generate_link -d 'Make a link by which a user can set a password'
complete -c onelogin -n '__onelogin_at help invites' -a generate_link
complete -c onelogin -n '__onelogin_at invites generate_link +' -l email -x
complete -c onelogin -n '__onelogin_at invites' -a send_link -d 'Mail a user a link to set a password'
complete -c onelogin -n '__onelogin_at help invites' -a send_link
complete -c onelogin -n '__onelogin_at invites send_link +' -l email -x
complete -c onelogin -n '__onelogin_at invites send_link +' -l personal_email -x
complete -c onelogin -n __onelogin_at -a auth_servers
complete -c onelogin -n '__onelogin_at help' -a auth_servers
complete -c onelogin -n '__onelogin_at auth_servers' -a create -d 'Create an authorization server'
complete -c onelogin -n '__onelogin_at help auth_servers' -a create
complete -c onelogin -n '__onelogin_at auth_servers create +' -l name -x
complete -c onelogin -n '__onelogin_at auth_servers create +' -l description -x
complete -c onelogin -n '__onelogin_at auth_servers create +' -l configuration -x
complete -c onelogin -n '__onelogin_at auth_servers create +' -l scopes -x
complete -c onelogin -n '__onelogin_at auth_servers create +' -l claims -x
complete -c onelogin -n '__onelogin_at auth_servers create +' -l connector_id -x
complete -c onelogin -n '__onelogin_at auth_servers' -a delete -d 'Delete an authorization server'
complete -c onelogin -n '__onelogin_at help auth_servers' -a delete
complete -c onelogin -n '__onelogin_at auth_servers' -a get -d 'Fetch an authorization server'
complete -c onelogin -n '__onelogin_at help auth_servers' -a get
complete -c onelogin -n '__onelogin_at auth_servers' -a list -d 'List the authorization servers'
complete -c onelogin -n '__onelogin_at help auth_servers' -a list
complete -c onelogin -n '__onelogin_at auth_servers' -a update -d 'Change an authorization server'
complete -c onelogin -n '__onelogin_at help auth_servers' -a update
complete -c onelogin -n '__onelogin_at auth_servers update +' -l name -x
complete -c onelogin -n '__onelogin_at auth_servers update +' -l description -x
complete -c onelogin -n '__onelogin_at auth_servers update +' -l configuration -x
complete -c onelogin -n __onelogin_at -a auth_scopes
complete -c onelogin -n '__onelogin_at help' -a auth_scopes
complete -c onelogin -n '__onelogin_at auth_scopes' -a create -d 'Add a scope'
complete -c onelogin -n '__onelogin_at help auth_scopes' -a create
complete -c onelogin -n '__onelogin_at auth_scopes create +' -l value -x
complete -c onelogin -n '__onelogin_at auth_scopes create +' -l description -x
complete -c onelogin -n '__onelogin_at auth_scopes' -a delete -d 'Delete a scope'
complete -c onelogin -n '__onelogin_at help auth_scopes' -a delete
complete -c onelogin -n '__onelogin_at auth_scopes' -a list -d 'List the scopes of an authorization server'
complete -c onelogin -n '__onelogin_at help auth_scopes' -a list
complete -c onelogin -n '__onelogin_at auth_scopes' -a update -d 'Change a scope'
complete -c onelogin -n '__onelogin_at help auth_scopes' -a update
complete -c onelogin -n '__onelogin_at auth_scopes update +' -l value -x
complete -c onelogin -n '__onelogin_at auth_scopes update +' -l description -x
complete -c onelogin -n __onelogin_at -a auth_claims
complete -c onelogin -n '__onelogin_at help' -a auth_claims
complete -c onelogin -n '__onelogin_at auth_claims' -a create -d 'Add a claim'
complete -c onelogin -n '__onelogin_at help auth_claims' -a create
complete -c onelogin -n '__onelogin_at auth_claims create +' -l name -x
complete -c onelogin -n '__onelogin_at auth_claims create +' -l user_attribute_mappings -x
complete -c onelogin -n '__onelogin_at auth_claims create +' -l user_attribute_macros -x
complete -c onelogin -n '__onelogin_at auth_claims create +' -l attributes_transformations -x
complete -c onelogin -n '__onelogin_at auth_claims' -a delete -d 'Delete a claim'
complete -c onelogin -n '__onelogin_at help auth_claims' -a delete
complete -c onelogin -n '__onelogin_at auth_claims' -a list -d 'List the claims of an authorization server'
complete -c onelogin -n '__onelogin_at help auth_claims' -a list
complete -c onelogin -n '__onelogin_at auth_claims' -a update -d 'Change a claim'
complete -c onelogin -n '__onelogin_at help auth_claims' -a update
complete -c onelogin -n '__onelogin_at auth_claims update +' -l name -x
complete -c onelogin -n '__onelogin_at auth_claims update +' -l user_attribute_mappings -x
complete -c onelogin -n '__onelogin_at auth_claims update +' -l user_attribute_macros -x
complete -c onelogin -n '__onelogin_at auth_claims update +' -l attributes_transformations -x
complete -c onelogin -n __onelogin_at -a auth_clients
complete -c onelogin -n '__onelogin_at help' -a auth_clients
complete -c onelogin -n '__onelogin_at auth_clients' -a create -d 'Let an app get tokens of an authorization server'
complete -c onelogin -n '__onelogin_at help auth_clients' -a create
complete -c onelogin -n '__onelogin_at auth_clients create +' -l app_id -x
complete -c onelogin -n '__onelogin_at auth_clients create +' -l scopes -x
complete -c onelogin -n '__onelogin_at auth_clients' -a delete -d 'Stop an app from getting tokens of an authorization server'
complete -c onelogin -n '__onelogin_at help auth_clients' -a delete
complete -c onelogin -n '__onelogin_at auth_clients' -a list -d 'List the apps that may get tokens of an authorization server'
complete -c onelogin -n '__onelogin_at help auth_clients' -a list
complete -c onelogin -n '__onelogin_at auth_clients' -a update -d 'Change which scopes an app may ask for'
complete -c onelogin -n '__onelogin_at help auth_clients' -a update
complete -c onelogin -n '__onelogin_at auth_clients update +' -l scopes -x
complete -c onelogin -n __onelogin_at -a brands
complete -c onelogin -n '__onelogin_at help' -a brands
complete -c onelogin -n '__onelogin_at brands' -a create -d 'Create a brand'
complete -c onelogin -n '__onelogin_at help brands' -a create
complete -c onelogin -n '__onelogin_at brands create +' -l name -x
complete -c onelogin -n '__onelogin_at brands create +' -l master -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands create +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands create +' -l custom_support_enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands create +' -l custom_color -x
complete -c onelogin -n '__onelogin_at brands create +' -l custom_accent_color -x
complete -c onelogin -n '__onelogin_at brands create +' -l custom_masking_color -x
complete -c onelogin -n '__onelogin_at brands create +' -l custom_masking_opacity -x
complete -c onelogin -n '__onelogin_at brands create +' -l enable_custom_label_for_login_screen -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands create +' -l custom_label_text_for_login_screen -x
complete -c onelogin -n '__onelogin_at brands create +' -l login_instruction_title -x
complete -c onelogin -n '__onelogin_at brands create +' -l login_instruction -x
complete -c onelogin -n '__onelogin_at brands create +' -l hide_onelogin_footer -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands create +' -l mfa_enrollment_message -x
complete -c onelogin -n '__onelogin_at brands create +' -l background -x
complete -c onelogin -n '__onelogin_at brands create +' -l logo -x
complete -c onelogin -n '__onelogin_at brands' -a delete -d 'Delete a brand'
complete -c onelogin -n '__onelogin_at help brands' -a delete
complete -c onelogin -n '__onelogin_at brands' -a get -d 'Fetch a brand'
complete -c onelogin -n '__onelogin_at help brands' -a get
complete -c onelogin -n '__onelogin_at brands' -a list -d 'List the brands'
complete -c onelogin -n '__onelogin_at help brands' -a list
complete -c onelogin -n '__onelogin_at brands' -a list_apps -d 'List the apps that use a brand'
complete -c onelogin -n '__onelogin_at help brands' -a list_apps
complete -c onelogin -n '__onelogin_at brands' -a update -d 'Change a brand'
complete -c onelogin -n '__onelogin_at help brands' -a update
complete -c onelogin -n '__onelogin_at brands update +' -l name -x
complete -c onelogin -n '__onelogin_at brands update +' -l master -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands update +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands update +' -l custom_support_enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands update +' -l custom_color -x
complete -c onelogin -n '__onelogin_at brands update +' -l custom_accent_color -x
complete -c onelogin -n '__onelogin_at brands update +' -l custom_masking_color -x
complete -c onelogin -n '__onelogin_at brands update +' -l custom_masking_opacity -x
complete -c onelogin -n '__onelogin_at brands update +' -l enable_custom_label_for_login_screen -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands update +' -l custom_label_text_for_login_screen -x
complete -c onelogin -n '__onelogin_at brands update +' -l login_instruction_title -x
complete -c onelogin -n '__onelogin_at brands update +' -l login_instruction -x
complete -c onelogin -n '__onelogin_at brands update +' -l hide_onelogin_footer -x -a 'true false'
complete -c onelogin -n '__onelogin_at brands update +' -l mfa_enrollment_message -x
complete -c onelogin -n '__onelogin_at brands update +' -l background -x
complete -c onelogin -n '__onelogin_at brands update +' -l logo -x
complete -c onelogin -n __onelogin_at -a brand_messages
complete -c onelogin -n '__onelogin_at help' -a brand_messages
complete -c onelogin -n '__onelogin_at brand_messages' -a delete -d 'Delete an error message of a brand'
complete -c onelogin -n '__onelogin_at help brand_messages' -a delete
complete -c onelogin -n '__onelogin_at brand_messages' -a list -d 'Look up the error messages of a brand'
complete -c onelogin -n '__onelogin_at help brand_messages' -a list
complete -c onelogin -n '__onelogin_at brand_messages list +' -l id -x
complete -c onelogin -n '__onelogin_at brand_messages list +' -l type_id -x -a '9'
complete -c onelogin -n '__onelogin_at brand_messages list +' -l type_name -x -a 'MESSAGE_TYPE_NO_ACCESS_APP'
complete -c onelogin -n '__onelogin_at brand_messages list +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_messages' -a list_languages -d 'List the languages a brand\'s error messages can be in'
complete -c onelogin -n '__onelogin_at help brand_messages' -a list_languages
complete -c onelogin -n '__onelogin_at brand_messages' -a lookup -d 'Find the error message that somebody would see'
complete -c onelogin -n '__onelogin_at help brand_messages' -a lookup
complete -c onelogin -n '__onelogin_at brand_messages lookup +' -l type_id -x -a '9'
complete -c onelogin -n '__onelogin_at brand_messages lookup +' -l type_name -x -a 'MESSAGE_TYPE_NO_ACCESS_APP'
complete -c onelogin -n '__onelogin_at brand_messages lookup +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_messages lookup +' -l app_id -x
complete -c onelogin -n '__onelogin_at brand_messages' -a update -d 'Change an error message of a brand'
complete -c onelogin -n '__onelogin_at help brand_messages' -a update
complete -c onelogin -n '__onelogin_at brand_messages update +' -l id -x
complete -c onelogin -n '__onelogin_at brand_messages update +' -l type_id -x -a '9'
complete -c onelogin -n '__onelogin_at brand_messages update +' -l type_name -x -a 'MESSAGE_TYPE_NO_ACCESS_APP'
complete -c onelogin -n '__onelogin_at brand_messages update +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_messages update +' -l title -x
complete -c onelogin -n '__onelogin_at brand_messages update +' -l description -x
complete -c onelogin -n '__onelogin_at brand_messages update +' -l message -x
complete -c onelogin -n __onelogin_at -a brand_templates
complete -c onelogin -n '__onelogin_at help' -a brand_templates
complete -c onelogin -n '__onelogin_at brand_templates' -a create -d 'Add a template to a brand'
complete -c onelogin -n '__onelogin_at help brand_templates' -a create
complete -c onelogin -n '__onelogin_at brand_templates create +' -l type -x -a 'email_forgot_password email_code_registration email_code_login_verification email_code_app_verification email_code_pw_reset_verification email_magiclink_registration email_magiclink_login_verification email_magiclink_app_verification email_magiclink_pw_reset_verification sms_registration sms_login_verification sms_app_verification sms_pw_reset_verification'
complete -c onelogin -n '__onelogin_at brand_templates create +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_templates create +' -l template -x
complete -c onelogin -n '__onelogin_at brand_templates' -a delete -d 'Delete a template'
complete -c onelogin -n '__onelogin_at help brand_templates' -a delete
complete -c onelogin -n '__onelogin_at brand_templates' -a get -d 'Fetch a template by id'
complete -c onelogin -n '__onelogin_at help brand_templates' -a get
complete -c onelogin -n '__onelogin_at brand_templates' -a get_by_type -d 'Fetch a template by what it is for'
complete -c onelogin -n '__onelogin_at help brand_templates' -a get_by_type
complete -c onelogin -n '__onelogin_at brand_templates' -a get_by_type_and_locale -d 'Fetch a template by what it is for, in a language'
complete -c onelogin -n '__onelogin_at help brand_templates' -a get_by_type_and_locale
complete -c onelogin -n '__onelogin_at brand_templates' -a get_master -d 'Fetch the built-in template for something'
complete -c onelogin -n '__onelogin_at help brand_templates' -a get_master
complete -c onelogin -n '__onelogin_at brand_templates' -a get_master_by_locale -d 'Fetch the built-in template for something, in a language'
complete -c onelogin -n '__onelogin_at help brand_templates' -a get_master_by_locale
complete -c onelogin -n '__onelogin_at brand_templates' -a list -d 'List the message templates of a brand'
complete -c onelogin -n '__onelogin_at help brand_templates' -a list
complete -c onelogin -n '__onelogin_at brand_templates list +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_templates' -a update -d 'Change a template'
complete -c onelogin -n '__onelogin_at help brand_templates' -a update
complete -c onelogin -n '__onelogin_at brand_templates update +' -l locale -x
complete -c onelogin -n '__onelogin_at brand_templates update +' -l template -x
complete -c onelogin -n '__onelogin_at brand_templates' -a update_by_type_and_locale -d 'Make or change the template for something, in a language'
complete -c onelogin -n '__onelogin_at help brand_templates' -a update_by_type_and_locale
complete -c onelogin -n '__onelogin_at brand_templates update_by_type_and_locale +' -l template -x
complete -c onelogin -n __onelogin_at -a email_settings
complete -c onelogin -n '__onelogin_at help' -a email_settings
complete -c onelogin -n '__onelogin_at email_settings' -a get -d 'Read which mail server the account uses'
complete -c onelogin -n '__onelogin_at help email_settings' -a get
complete -c onelogin -n '__onelogin_at email_settings' -a reset -d 'Go back to OneLogin\'s own mail server'
complete -c onelogin -n '__onelogin_at help email_settings' -a reset
complete -c onelogin -n '__onelogin_at email_settings' -a update -d 'Let the account use a mail server of its own'
complete -c onelogin -n '__onelogin_at help email_settings' -a update
complete -c onelogin -n '__onelogin_at email_settings update +' -l address -x
complete -c onelogin -n '__onelogin_at email_settings update +' -l from -x
complete -c onelogin -n '__onelogin_at email_settings update +' -l domain -x
complete -c onelogin -n '__onelogin_at email_settings update +' -l use_tls -x -a 'true false'
complete -c onelogin -n '__onelogin_at email_settings update +' -l port -x
complete -c onelogin -n '__onelogin_at email_settings update +' -l user_name -x
complete -c onelogin -n '__onelogin_at email_settings update +' -l password -x
complete -c onelogin -n __onelogin_at -a reports
complete -c onelogin -n '__onelogin_at help' -a reports
complete -c onelogin -n '__onelogin_at reports' -a list -d 'List the reports of the account'
complete -c onelogin -n '__onelogin_at help reports' -a list
complete -c onelogin -n '__onelogin_at reports' -a run -d 'Run a report and read its rows'
complete -c onelogin -n '__onelogin_at help reports' -a run
complete -c onelogin -n '__onelogin_at reports' -a run_background -d 'Run a report and mail it as CSV'
complete -c onelogin -n '__onelogin_at help reports' -a run_background
complete -c onelogin -n '__onelogin_at reports run_background +' -l email -x
complete -c onelogin -n __onelogin_at -a risk
complete -c onelogin -n '__onelogin_at help' -a risk
complete -c onelogin -n '__onelogin_at risk' -a create_rule -d 'Create a risk rule'
complete -c onelogin -n '__onelogin_at help risk' -a create_rule
complete -c onelogin -n '__onelogin_at risk create_rule +' -l name -x
complete -c onelogin -n '__onelogin_at risk create_rule +' -l type -x -a 'blacklist whitelist'
complete -c onelogin -n '__onelogin_at risk create_rule +' -l target -x -a 'location.ip location.address.country_iso_code'
complete -c onelogin -n '__onelogin_at risk create_rule +' -l filters -x
complete -c onelogin -n '__onelogin_at risk create_rule +' -l source -x
complete -c onelogin -n '__onelogin_at risk create_rule +' -l description -x
complete -c onelogin -n '__onelogin_at risk' -a delete_rule -d 'Delete a risk rule'
complete -c onelogin -n '__onelogin_at help risk' -a delete_rule
complete -c onelogin -n '__onelogin_at risk' -a get_rule -d 'Fetch a risk rule'
complete -c onelogin -n '__onelogin_at help risk' -a get_rule
complete -c onelogin -n '__onelogin_at risk' -a get_score -d 'Get the risk of something somebody does, without recording it'
complete -c onelogin -n '__onelogin_at help risk' -a get_score
complete -c onelogin -n '__onelogin_at risk get_score +' -l ip -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l user_agent -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l user -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l source -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l session -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l device -x
complete -c onelogin -n '__onelogin_at risk get_score +' -l fp -x
complete -c onelogin -n '__onelogin_at risk' -a get_score_insights -d 'Count the scores of a period'
complete -c onelogin -n '__onelogin_at help risk' -a get_score_insights
complete -c onelogin -n '__onelogin_at risk get_score_insights +' -l before -x
complete -c onelogin -n '__onelogin_at risk get_score_insights +' -l after -x
complete -c onelogin -n '__onelogin_at risk' -a list_rules -d 'List the risk rules'
complete -c onelogin -n '__onelogin_at help risk' -a list_rules
complete -c onelogin -n '__onelogin_at risk' -a track_event -d 'Tell the risk model what somebody did'
complete -c onelogin -n '__onelogin_at help risk' -a track_event
complete -c onelogin -n '__onelogin_at risk track_event +' -l verb -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l ip -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l user_agent -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l user -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l source -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l session -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l device -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l fp -x
complete -c onelogin -n '__onelogin_at risk track_event +' -l published -x
complete -c onelogin -n '__onelogin_at risk' -a update_rule -d 'Change a risk rule'
complete -c onelogin -n '__onelogin_at help risk' -a update_rule
complete -c onelogin -n '__onelogin_at risk update_rule +' -l name -x
complete -c onelogin -n '__onelogin_at risk update_rule +' -l type -x -a 'blacklist whitelist'
complete -c onelogin -n '__onelogin_at risk update_rule +' -l target -x -a 'location.ip location.address.country_iso_code'
complete -c onelogin -n '__onelogin_at risk update_rule +' -l filters -x
complete -c onelogin -n '__onelogin_at risk update_rule +' -l source -x
complete -c onelogin -n '__onelogin_at risk update_rule +' -l description -x
complete -c onelogin -n __onelogin_at -a self_registration_profiles
complete -c onelogin -n '__onelogin_at help' -a self_registration_profiles
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a add_field -d 'Ask for a custom field in the form'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a add_field
complete -c onelogin -n '__onelogin_at self_registration_profiles add_field +' -l custom_attribute_id -x
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a create -d 'Create a self-registration profile'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a create
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l url -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l name -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l moderated -x -a 'true false'
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l default_role_id -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l default_group_id -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l helptext -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l thankyou_message -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l domain_whitelist -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l domain_blacklist -x
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l domain_list_strategy -x -a '0 1'
complete -c onelogin -n '__onelogin_at self_registration_profiles create +' -l email_verification_type -x
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a delete -d 'Delete a self-registration profile'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a delete
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a delete_field -d 'Stop asking for a custom field in the form'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a delete_field
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a get -d 'Fetch a self-registration profile'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a get
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a list -d 'Page through the self-registration profiles'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a list
complete -c onelogin -n '__onelogin_at self_registration_profiles list +' -l limit -x
complete -c onelogin -n '__onelogin_at self_registration_profiles list +' -l page -x
complete -c onelogin -n '__onelogin_at self_registration_profiles' -a update -d 'Change a self-registration profile'
complete -c onelogin -n '__onelogin_at help self_registration_profiles' -a update
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l url -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l name -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l enabled -x -a 'true false'
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l moderated -x -a 'true false'
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l default_role_id -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l default_group_id -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l helptext -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l thankyou_message -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l domain_whitelist -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l domain_blacklist -x
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l domain_list_strategy -x -a '0 1'
complete -c onelogin -n '__onelogin_at self_registration_profiles update +' -l email_verification_type -x
complete -c onelogin -n __onelogin_at -a privileges
complete -c onelogin -n '__onelogin_at help' -a privileges
complete -c onelogin -n '__onelogin_at privileges' -a assign_roles -d 'Give roles a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a assign_roles
complete -c onelogin -n '__onelogin_at privileges assign_roles +' -l roles -x
complete -c onelogin -n '__onelogin_at privileges' -a assign_users -d 'Give users a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a assign_users
complete -c onelogin -n '__onelogin_at privileges assign_users +' -l users -x
complete -c onelogin -n '__onelogin_at privileges' -a create -d 'Create a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a create
complete -c onelogin -n '__onelogin_at privileges create +' -l name -x
complete -c onelogin -n '__onelogin_at privileges create +' -l description -x
complete -c onelogin -n '__onelogin_at privileges create +' -l privilege -x
complete -c onelogin -n '__onelogin_at privileges' -a delete -d 'Delete a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a delete
complete -c onelogin -n '__onelogin_at privileges' -a get -d 'Fetch a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a get
complete -c onelogin -n '__onelogin_at privileges' -a list -d 'List the privileges of the account'
complete -c onelogin -n '__onelogin_at help privileges' -a list
complete -c onelogin -n '__onelogin_at privileges' -a list_roles -d 'List the ids of the roles that have a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a list_roles
complete -c onelogin -n '__onelogin_at privileges list_roles +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at privileges' -a list_users -d 'List the ids of the users who have a privilege themselves'
complete -c onelogin -n '__onelogin_at help privileges' -a list_users
complete -c onelogin -n '__onelogin_at privileges list_users +' -l after_cursor -x
complete -c onelogin -n '__onelogin_at privileges' -a remove_role -d 'Take a privilege from a role'
complete -c onelogin -n '__onelogin_at help privileges' -a remove_role
complete -c onelogin -n '__onelogin_at privileges' -a remove_user -d 'Take a privilege from a user'
complete -c onelogin -n '__onelogin_at help privileges' -a remove_user
complete -c onelogin -n '__onelogin_at privileges' -a update -d 'Replace a privilege'
complete -c onelogin -n '__onelogin_at help privileges' -a update
complete -c onelogin -n '__onelogin_at privileges update +' -l name -x
complete -c onelogin -n '__onelogin_at privileges update +' -l description -x
complete -c onelogin -n '__onelogin_at privileges update +' -l privilege -x
complete -c onelogin -n __onelogin_at -a embed_apps
complete -c onelogin -n '__onelogin_at help' -a embed_apps
complete -c onelogin -n '__onelogin_at embed_apps' -a list -d 'List the apps of a user for a portal page'
complete -c onelogin -n '__onelogin_at help embed_apps' -a list
complete -c onelogin -n '__onelogin_at embed_apps list +' -l token -x
complete -c onelogin -n '__onelogin_at embed_apps list +' -l email -x
complete -c onelogin -n '__onelogin_at completion' -a 'bash zsh fish'
complete -c onelogin -n '__onelogin_at request +' -l query -x -d 'a query parameter'
complete -c onelogin -n '__onelogin_at request +' -l paging -x -a 'v1 v2' -d 'the list\'s way of paging, for --all'
complete -c onelogin -n '__onelogin_at login +' -l password -d 'with the password first; it is asked for, or a line of standard input'
complete -c onelogin -n '__onelogin_at login +' -l saml -x -d 'for a SAML assertion of this app; with the password first'
complete -c onelogin -n '__onelogin_at login +' -l api -x -a 'v1 v2' -d 'version of the API; default v2, which without --saml needs Manage All'
complete -c onelogin -n '__onelogin_at login +' -l factor -x -a 'protect sms voice email authenticator yubikey duo temporary unknown' -d 'only with devices of this type: protect, sms, voice, email, authenticator, yubikey, duo'
complete -c onelogin -n '__onelogin_at login +' -l email -x -a 'code link' -d 'what an e-mail carries, which only the account knows; default code'
complete -c onelogin -n '__onelogin_at login +' -l wait -x -d 'seconds to wait for an answer on a device; default 120'
complete -c onelogin -n '__onelogin_at login +' -l out -r -F -d 'write the session token or the assertion here, for the owner of the file alone'
