# Guichet.psm1: the cmdlets of a Guichet server for PowerShell 5.1 and later. Written by the server
# from its own table of cmdlets; load it again after an upgrade.
#
#   Invoke-WebRequest https://mail.contoso.com/Guichet.psm1 -OutFile Guichet.psm1
#   Import-Module ./Guichet.psm1
#   Connect-Guichet https://mail.contoso.com -Credential admin@contoso.com

Add-Type -AssemblyName System.Net.Http

# The server, the client and the header that identifies the caller; set by Connect-Guichet.
$script:Connection = $null
# Tries of one call that the server puts off (429 or 503), and the wait in seconds without Retry-After.
$script:MaxTries = 5
$script:WaitSeconds = 2

<#
.SYNOPSIS
Says which server the cmdlets of this module speak to, and as whom.
.PARAMETER ConnectionUri
The server, such as https://mail.contoso.com.
.PARAMETER Organization
An accepted domain of the organisation, or its GUID. The server's only one when left out.
.PARAMETER Credential
A login and its password.
.PARAMETER AccessToken
A bearer token, as New-ApiToken makes it.
.PARAMETER PageSize
Objects of one page: 1 to 1000.
.EXAMPLE
Connect-Guichet https://mail.contoso.com -Credential admin@contoso.com
#>
function Connect-Guichet {
    [CmdletBinding(DefaultParameterSetName = 'Credential')]
    param(
        [Parameter(Mandatory, Position = 0)]
        [uri] $ConnectionUri,
        [Parameter(Position = 1)]
        [string] $Organization = 'organizations',
        [Parameter(Mandatory, ParameterSetName = 'Credential')]
        [pscredential] $Credential,
        [Parameter(Mandatory, ParameterSetName = 'Token')]
        [string] $AccessToken,
        [ValidateRange(1, 1000)]
        [int] $PageSize = 1000
    )
    if ($ConnectionUri.Scheme -ne 'https' -and -not $ConnectionUri.IsLoopback) {
        throw 'A password or token must not cross a network in clear text: use https.'
    }
    if ($AccessToken) {
        $authorization = 'Bearer ' + $AccessToken
    } else {
        $pair = $Credential.UserName + ':' + $Credential.GetNetworkCredential().Password
        $octets = [System.Text.Encoding]::UTF8.GetBytes($pair)
        $authorization = 'Basic ' + [System.Convert]::ToBase64String($octets)
    }
    $handler = New-Object System.Net.Http.HttpClientHandler
    # A redirection could carry the password elsewhere.
    $handler.AllowAutoRedirect = $false
    $client = New-Object System.Net.Http.HttpClient -ArgumentList $handler
    $client.Timeout = [timespan]::FromMinutes(16)
    $path = '/adminapi/beta/' + [uri]::EscapeDataString($Organization) + '/InvokeCommand'
    $script:Connection = @{
        Client        = $client
        Authorization = $authorization
        Invoke        = New-Object System.Uri -ArgumentList $ConnectionUri, $path
        PageSize      = $PageSize
        Id            = [guid]::NewGuid().ToString()
    }
    try {
        Get-ConnectionInformation
    } catch {
        $script:Connection = $null
        throw
    }
}

<#
.SYNOPSIS
Forgets the server and the caller.
#>
function Disconnect-Guichet {
    [CmdletBinding()]
    param()
    if ($script:Connection) {
        $script:Connection.Client.Dispose()
        $script:Connection = $null
    }
}

# Makes of a parameter's value what the protocol takes.
function ConvertTo-GuichetValue {
    param([object] $Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [switch]) { return [bool] $Value }
    if ($Value -is [datetime]) { return $Value.ToUniversalTime().ToString('o') }
    if ($Value -is [securestring]) {
        return (New-Object System.Management.Automation.PSCredential -ArgumentList 'x', $Value).GetNetworkCredential().Password
    }
    if ($Value -is [System.Collections.IDictionary]) {
        $table = @{ '@odata.type' = '#Exchange.GenericHashTable' }
        foreach ($key in $Value.Keys) { $table[[string] $key] = $Value[$key] }
        return $table
    }
    if ($Value -is [array]) { return , @($Value | ForEach-Object { [string] $_ }) }
    return $Value
}

# Posts a call once and gives the status, the body as text and the seconds to wait before another try.
function Send-GuichetRequest {
    param([uri] $Uri, [string] $Body, [string] $Name)
    $request = New-Object System.Net.Http.HttpRequestMessage -ArgumentList ([System.Net.Http.HttpMethod]::Post), $Uri
    $request.Content = New-Object System.Net.Http.StringContent -ArgumentList $Body, ([System.Text.Encoding]::UTF8), 'application/json'
    $headers = @{
        'Authorization'     = $script:Connection.Authorization
        'Accept'            = 'application/json'
        'X-CmdletName'      = $Name
        'X-ResponseFormat'  = 'json'
        'Prefer'            = 'odata.maxpagesize=' + $script:Connection.PageSize
        'connection-id'     = $script:Connection.Id
        'client-request-id' = [guid]::NewGuid().ToString()
    }
    foreach ($header in $headers.Keys) {
        [void] $request.Headers.TryAddWithoutValidation($header, [string] $headers[$header])
    }
    $response = $script:Connection.Client.SendAsync($request).GetAwaiter().GetResult()
    $wait = $script:WaitSeconds
    if ($response.Headers.RetryAfter -and $response.Headers.RetryAfter.Delta) {
        $wait = [int] $response.Headers.RetryAfter.Delta.TotalSeconds
    }
    return @{
        Status = [int] $response.StatusCode
        Body   = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
        Wait   = $wait
    }
}

# Posts a call until the server does not put it off; a failure becomes an error of the caller.
function Invoke-GuichetRequest {
    param([uri] $Uri, [string] $Body, [string] $Name, [object] $Caller)
    for ($try = 1; ; $try++) {
        $answer = Send-GuichetRequest -Uri $Uri -Body $Body -Name $Name
        if ($answer.Status -eq 200) { return ($answer.Body | ConvertFrom-Json) }
        if ($answer.Status -notin 429, 503 -or $try -ge $script:MaxTries) { break }
        Start-Sleep -Seconds $answer.Wait
    }
    $id = 'Http' + $answer.Status
    $text = 'The server answered ' + $answer.Status + ' to ' + $Name + '.'
    if ($answer.Status -eq 403) { $text = 'You may not run ' + $Name + ' here.' }
    if ($answer.Status -eq 401) { $text = 'The server does not accept the password or token.' }
    try { $detail = ($answer.Body | ConvertFrom-Json).error.details[0].message } catch { $detail = $null }
    if ($detail) {
        # Three parts: an identifier, the exception, the text.
        $parts = $detail.Split([char[]] '|', 3)
        $id = $parts[0]
        $text = $parts[-1]
    }
    $category = switch ($answer.Status) {
        400 { 'InvalidArgument' }
        401 { 'AuthenticationError' }
        403 { 'PermissionDenied' }
        404 { 'ObjectNotFound' }
        409 { 'ResourceExists' }
        429 { 'LimitsExceeded' }
        default { 'NotSpecified' }
    }
    $exception = New-Object System.InvalidOperationException -ArgumentList $text
    $record = New-Object System.Management.Automation.ErrorRecord -ArgumentList $exception, $id, $category, $Name
    $Caller.ThrowTerminatingError($record)
}

# Runs a cmdlet: asks where it asks, follows the pages, and gives the objects.
function Invoke-GuichetCmdlet {
    param([string] $Name, [System.Collections.IDictionary] $Bound, [object] $Caller, [bool] $Changes, [bool] $AsksFirst)
    if (-not $script:Connection) { throw 'There is no connection: call Connect-Guichet first.' }
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $parameters = @{}
    foreach ($key in $Bound.Keys) {
        if ($key -notin $common) { $parameters[$key] = ConvertTo-GuichetValue -Value $Bound[$key] }
    }
    $asks = $AsksFirst
    if ($Bound.ContainsKey('Confirm')) { $asks = [bool] $Bound['Confirm'] }
    $onlyChecks = $Bound.ContainsKey('WhatIf') -and [bool] $Bound['WhatIf']
    if ($Changes -and ($asks -or $onlyChecks)) {
        # The first of two calls: the server checks, does nothing, and says what it would do.
        $parameters['Confirm'] = $true
        $body = @{ CmdletInput = @{ CmdletName = $Name; Parameters = $parameters } } | ConvertTo-Json -Depth 6 -Compress
        $answer = Invoke-GuichetRequest -Uri $script:Connection.Invoke -Body $body -Name $Name -Caller $Caller
        $question = [string] $answer.'@adminapi.confirmationmessage'
        if (-not $Caller.ShouldProcess($question, $question, 'Are you sure?')) { return }
    }
    if ($Changes) { $parameters['Confirm'] = $false }
    $body = @{ CmdletInput = @{ CmdletName = $Name; Parameters = $parameters } } | ConvertTo-Json -Depth 6 -Compress
    $uri = $script:Connection.Invoke
    while ($uri) {
        $answer = Invoke-GuichetRequest -Uri $uri -Body $body -Name $Name -Caller $Caller
        foreach ($warning in $answer.'@adminapi.warnings') { $Caller.WriteWarning($warning) }
        foreach ($object in $answer.value) {
            foreach ($property in @($object.PSObject.Properties.Name)) {
                if ($property -like '*@*') { $object.PSObject.Properties.Remove($property) }
            }
            $object.PSObject.TypeNames.Insert(0, 'Guichet.' + $Name)
            $object
        }
        $next = $answer.'@odata.nextLink'
        if (-not $next) { return }
        # Only path and query are followed: the caller's secret is for this server alone.
        $uri = New-Object System.Uri -ArgumentList $script:Connection.Invoke, ([uri] $next).PathAndQuery
    }
}
